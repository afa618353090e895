import Link from 'next/link'
import { Fragment, type ReactNode } from 'react'
import { Icon } from './icon'

export type PageHeadProps = {
  title: ReactNode
  /** One line saying what this page is for. */
  lead?: ReactNode
  /** The way here, without the page itself. */
  crumbs?: { href: string; label: string }[]
  /** Acts at the right; at most one is primary. */
  acts?: ReactNode
}

/** Title, what the page is for, and its acts. */
export function PageHead({ title, lead, crumbs, acts }: PageHeadProps) {
  return (
    <div className="head">
      <div>
        {crumbs?.length ? (
          <nav className="crumb" aria-label="Breadcrumb">
            {crumbs.map((c) => (
              <Fragment key={c.href}>
                <Link href={c.href}>{c.label}</Link>
                <Icon name="right" size={12} />
              </Fragment>
            ))}
          </nav>
        ) : null}
        <h1>{title}</h1>
        {lead ? <p>{lead}</p> : null}
      </div>
      {acts ? <div className="acts">{acts}</div> : null}
    </div>
  )
}
