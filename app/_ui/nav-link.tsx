'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'

/** `exact`: current only on this very path; otherwise also below it. */
export type NavLinkProps = { href: string; exact?: boolean; className?: string; children: ReactNode }

/** A link that says `aria-current="page"` when it leads to where one is. */
export function NavLink({ href, exact, className, children }: NavLinkProps) {
  const path = usePathname()
  const here = path === href || (!exact && href !== '/' && path.startsWith(`${href}/`))
  return (
    <Link href={href} className={className} aria-current={here ? 'page' : undefined}>
      {children}
    </Link>
  )
}
