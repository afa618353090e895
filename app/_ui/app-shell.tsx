import Link from 'next/link'
import type { ReactNode } from 'react'
import { AppNav, type Section } from './app-nav'
import { Avatar } from './avatar'
import { Brand, type BrandProps } from './brand'
import { ThemeToggle } from './theme-toggle'

/** Who is signed in; `href` opens their own settings. */
export type ShellUser = { name: string; address: string; initials?: string; href?: string }

export type AppShellProps = {
  brand?: BrandProps
  /** Where one is: the organisation, and what it is ("fernhill.example", "Reseller, Lisbon"). */
  place: { name: string; kind: string }
  /** Sections of the rail in order. Up to four marked `tab` stand in the bottom bar of a phone; the rest are under More. */
  sections: Section[]
  user: ShellUser
  /** What stands above the person at the foot of the rail: sign out, switch role. Use `RailAction` for its look. */
  footer?: ReactNode
  /** Above the page on every screen: "you are looking as support", a failing promise. */
  banner?: ReactNode
  children: ReactNode
}

/** The frame of every portal: rail of 216 px, 84 px under 1200, bottom bar with More under 768; the page in `main#main`. */
export function AppShell({ brand, place, sections, user, footer, banner, children }: AppShellProps) {
  const foot = (
    <>
      <ThemeToggle />
      {footer}
      <Who user={user} />
    </>
  )
  return (
    <div className="app">
      <aside className="rail">
        <Brand {...brand} />
        <div className="place">
          <span className="lab cut">{place.name}</span>
          <span className="hint cut">{place.kind}</span>
        </div>
        <AppNav
          sections={sections}
          more={
            <>
              <div className="place">
                <span className="lab cut">{place.name}</span>
                <span className="hint cut">{place.kind}</span>
              </div>
              <div className="foot">{foot}</div>
            </>
          }
        />
        <div className="foot">{foot}</div>
      </aside>
      <main className="main" id="main" tabIndex={-1}>
        {banner ? <div className="banner">{banner}</div> : null}
        {children}
      </main>
    </div>
  )
}

function Who({ user }: { user: ShellUser }) {
  const inside = (
    <>
      <Avatar name={user.name} initials={user.initials} />
      <span>
        <span className="lab cut">{user.name}</span>
        <span className="hint cut">{user.address}</span>
      </span>
    </>
  )
  return user.href ? (
    <Link className="who" href={user.href}>
      {inside}
    </Link>
  ) : (
    <div className="who">{inside}</div>
  )
}
