import type { ReactNode } from 'react'
import { cx } from './cx'
import { Icon } from './icon'
import type { IconName } from './icons'

export type NoteProps = {
  /** `info` explains, `warn` says what something costs before the click, `bad` what went wrong, `good` an outcome seen nowhere else. */
  kind?: 'info' | 'warn' | 'bad' | 'good'
  /** The bold first sentence. */
  title?: ReactNode
  icon?: IconName
  /** At the right: a link or a small button. */
  act?: ReactNode
  /** Spoken at once; for what appears after an act. */
  live?: boolean
  children?: ReactNode
}

const ICONS: Record<NonNullable<NoteProps['kind']>, IconName> = { info: 'info', warn: 'alert', bad: 'no', good: 'ok' }

/** A sentence or two in place. */
export function Note({ kind = 'info', title, icon, act, live, children }: NoteProps) {
  return (
    <div
      className={cx('note', kind !== 'info' && kind)}
      role={live ? (kind === 'bad' ? 'alert' : 'status') : undefined}
    >
      <Icon name={icon ?? ICONS[kind]} />
      <div className="grow">
        {title ? <b>{title}</b> : null} {children}
      </div>
      {act ? <div className="row">{act}</div> : null}
    </div>
  )
}
