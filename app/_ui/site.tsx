import Link from 'next/link'
import type { ReactNode } from 'react'
import { Brand, type BrandProps } from './brand'
import { ButtonLink } from './button'
import { Icon } from './icon'
import { NavLink } from './nav-link'
import { ThemeToggle } from './theme-toggle'

export type SiteLink = { href: string; label: string }

export type SiteHeaderProps = {
  brand?: BrandProps
  links: SiteLink[]
  signInHref?: string
  /** The one primary act of the public site. */
  act?: SiteLink
}

/** The head of every public page; on a phone the links are behind "Menu". */
export function SiteHeader({ brand, links, signInHref = '/signin', act }: SiteHeaderProps) {
  return (
    <header className="wrap">
      <div className="top">
        <Brand {...brand} />
        <nav aria-label="Main" className="not-s">
          {links.map((l) => (
            <NavLink key={l.href} href={l.href}>
              {l.label}
            </NavLink>
          ))}
        </nav>
        <div className="end">
          <Link className="link two" href={signInHref}>
            Sign in
          </Link>
          {act ? (
            <ButtonLink kind="primary" href={act.href} className="not-s">
              {act.label}
            </ButtonLink>
          ) : null}
          <details className="site-menu only-s">
            <summary className="btn">
              <Icon name="menu" />
              Menu
            </summary>
            <nav aria-label="Main, all">
              {links.map((l) => (
                <NavLink key={l.href} href={l.href}>
                  {l.label}
                </NavLink>
              ))}
              {act ? (
                <ButtonLink kind="primary" href={act.href} wide>
                  {act.label}
                </ButtonLink>
              ) : null}
            </nav>
          </details>
        </div>
      </div>
    </header>
  )
}

export type SiteFooterProps = {
  /** Left: what is true about this page ("This page set no cookie"), with its promise. */
  statement?: ReactNode
  /** Lists of links, each with the name screen readers hear. */
  groups: { label: string; links: SiteLink[] }[]
  /** Last line: languages, the company. */
  last?: ReactNode
}

/** The foot of every public page. */
export function SiteFooter({ statement, groups, last }: SiteFooterProps) {
  return (
    <footer className="wrap">
      <div className="foot-site foot-grid">
        <div className="no-cookie">
          {statement ? (
            <>
              <Icon name="shieldCheck" size={20} />
              <p>{statement}</p>
            </>
          ) : null}
        </div>
        {groups.map((g) => (
          <nav key={g.label} aria-label={g.label}>
            {g.links.map((l) => (
              <Link key={l.href} href={l.href}>
                {l.label}
              </Link>
            ))}
          </nav>
        ))}
        <div className="prefs">
          {last}
          <ThemeToggle className="btn quiet s themer-site" />
        </div>
      </div>
    </footer>
  )
}

/** Around a public page: 16 px type, `main#main` between head and foot. */
export function SitePage({ header, footer, children }: { header: ReactNode; footer: ReactNode; children: ReactNode }) {
  return (
    <div className="site">
      {header}
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      {footer}
    </div>
  )
}

export type SiteSectionProps = { id?: string; title: ReactNode; lead?: ReactNode; children: ReactNode }

/** A part of a public page: title and its one line at the left, the matter at the right. */
export function SiteSection({ id, title, lead, children }: SiteSectionProps) {
  return (
    <div className="wrap">
      <section className="sect" id={id}>
        <div className="side">
          <h2>{title}</h2>
          {lead ? <p>{lead}</p> : null}
        </div>
        <div>{children}</div>
      </section>
    </div>
  )
}

export type HeroProps = {
  title: ReactNode
  lead: ReactNode
  acts?: ReactNode
  small?: ReactNode /** The picture at the right. */
  aside?: ReactNode
}

/** The opening of a public page. */
export function Hero({ title, lead, acts, small, aside }: HeroProps) {
  return (
    <div className="wrap">
      <div className={aside ? 'hero two-up' : 'hero'}>
        <div className="lede">
          <h1 className="t28">{title}</h1>
          <p>{lead}</p>
          {acts ? <div className="row many go">{acts}</div> : null}
          {small ? <p className="t14 two">{small}</p> : null}
        </div>
        {aside}
      </div>
    </div>
  )
}
