import Link from 'next/link'
import type { ReactNode } from 'react'
import { Icon } from './icon'

/** A row of filters; on a phone it scrolls sideways. */
export function Chips({ label = 'Filters', children }: { label?: string; children: ReactNode }) {
  return (
    <fieldset className="chips" aria-label={label}>
      {children}
    </fieldset>
  )
}

export type FilterChipProps = {
  label: string
  /** What it is set to; set means on, and the chip then takes the filter away. */
  value?: string
  /** Where the list stands with this filter set, or without it when it is on. */
  href?: string
  onClick?: () => void
}

/** One filter with one setting. For several settings to choose from use `FilterMenu`. */
export function FilterChip({ label, value, href, onClick }: FilterChipProps) {
  const inside = value ? (
    <>
      {label} <b>{value}</b>
      <Icon name="close" size={12} />
      <span className="vh">, remove this filter</span>
    </>
  ) : (
    <>
      <Icon name="plus" size={12} />
      {label}
    </>
  )
  const name = value ? 'chip on' : 'chip'
  return href ? (
    <Link className={name} href={href} scroll={false}>
      {inside}
    </Link>
  ) : (
    <button className={name} type="button" onClick={onClick}>
      {inside}
    </button>
  )
}

/** Search, chips and list acts over a table. Wrap acts that go to the right in `push`. */
export function Tools({ children, push }: { children: ReactNode; push?: ReactNode }) {
  return (
    <div className="tools">
      {children}
      {push ? <div className="row push">{push}</div> : null}
    </div>
  )
}

export type SegProps = { label: string; items: { href: string; label: string; current?: boolean }[] }

/** One of a few views of the same thing, as links. */
export function Seg({ label, items }: SegProps) {
  return (
    <nav className="seg" aria-label={label}>
      {items.map((i) => (
        <Link key={i.href} href={i.href} scroll={false} aria-current={i.current ? 'true' : undefined}>
          {i.label}
        </Link>
      ))}
    </nav>
  )
}
