'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'

export type TabsProps = {
  label: string
  items: { href: string; label: string; count?: number | string }[]
  /** The href of the current one; the path's own without. */
  current?: string
}

/** Parts of one thing, each at its own address. */
export function Tabs({ label, items, current }: TabsProps) {
  const path = usePathname()
  const here = current ?? path
  return (
    <nav className="tabs" aria-label={label}>
      {items.map((t) => (
        <Link key={t.href} href={t.href} scroll={false} aria-current={t.href === here ? 'page' : undefined}>
          {t.label}
          {t.count === undefined ? null : <span className="hint num"> {t.count}</span>}
        </Link>
      ))}
    </nav>
  )
}
