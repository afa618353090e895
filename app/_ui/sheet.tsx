import Link from 'next/link'
import type { ReactNode } from 'react'
import { Avatar } from './avatar'
import { Icon } from './icon'
import { SheetKeys } from './sheet-keys'
import { Tabs, type TabsProps } from './tabs'

export type SheetProps = {
  title: string
  sub?: ReactNode
  /** Initials before the title. */
  avatar?: boolean
  /** The list without the sheet; closing and Escape lead there. */
  closeHref: string
  tabs?: TabsProps
  /** Acts at the foot; a sentence first, the act last. */
  footer?: ReactNode
  children: ReactNode
}

/** Details beside a list, at an address of its own. From 1200 px beside it, below over it, on a phone the whole page. Render it anywhere inside the page. */
export function Sheet({ title, sub, avatar, closeHref, tabs, footer, children }: SheetProps) {
  return (
    <section className="sheet" aria-labelledby="sheet-title">
      <SheetKeys closeHref={closeHref} titleId="sheet-title" />
      <header className={tabs ? 'tabbed' : undefined}>
        <div className="row hi">
          {avatar ? <Avatar name={title} large /> : null}
          <div className="grow">
            <h2 id="sheet-title" className="t16" tabIndex={-1}>
              {title}
            </h2>
            {sub ? <div className="t13 two cut">{sub}</div> : null}
          </div>
          <Link className="btn s quiet sq" href={closeHref} scroll={false}>
            <Icon name="close" />
            <span className="vh">Close, Escape</span>
          </Link>
        </div>
        {tabs ? <Tabs {...tabs} /> : null}
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="scroll" tabIndex={0} aria-label="Details">
        {children}
      </section>
      {footer ? <footer>{footer}</footer> : null}
    </section>
  )
}
