import type { ReactNode } from 'react'
import { Card, CardFooter, CardHeader } from './card'
import { cx, type Tone } from './cx'
import { Icon } from './icon'
import type { IconName } from './icons'

export type ListCardProps = {
  id: string
  title: ReactNode
  lead?: ReactNode
  aside?: ReactNode
  footer?: ReactNode
  /** `ListRow`s; or an `Empty` as `empty` when there are none. */
  children?: ReactNode
  empty?: ReactNode
}

/** A card of rows: what needs you, devices, what changed. */
export function ListCard({ id, title, lead, aside, footer, empty, children }: ListCardProps) {
  return (
    <Card labelledBy={id}>
      <CardHeader {...{ title, id, lead, aside }} />
      {empty ?? <ul className="list">{children}</ul>}
      {footer ? <CardFooter>{footer}</CardFooter> : null}
    </Card>
  )
}

export type ListRowProps = {
  icon?: IconName
  /** Colours the icon; say the state in the words too. */
  tone?: Exclude<Tone, 'accent'>
  title: ReactNode
  text?: ReactNode
  /** What can be done about it, beside it. */
  act?: ReactNode
  /** A short fact at the right instead of an act: a time, a size. */
  side?: ReactNode
}

/** One row: icon, title, a sentence, and the act beside it (under it on a phone). */
export function ListRow({ icon, tone, title, text, act, side }: ListRowProps) {
  return (
    <li className={cx(Boolean(act) && 'acting')}>
      {icon ? <Icon name={icon} className={tone} /> : null}
      <div className="what">
        <div className="lab">{title}</div>
        {text ? <p>{text}</p> : null}
      </div>
      {side ? <span className="side t13 hint num">{side}</span> : null}
      {act ? <div className="row btns">{act}</div> : null}
    </li>
  )
}
