'use client'
import Link from 'next/link'
import { type ReactNode, type ToggleEvent, useId, useRef } from 'react'
import { cx } from './cx'
import { Icon } from './icon'
import type { IconName } from './icons'

/** With `href` a link, with `onPick` a button, with neither a submit button (`name`/`value`) of the form around the menu. */
export type MenuItem = {
  label: ReactNode
  icon?: IconName
  href?: string
  onPick?: () => void
  name?: string
  value?: string
  current?: boolean
  danger?: boolean
  /** A rule above. */
  gapBefore?: boolean
}

export type MenuProps = {
  /** The accessible name: "Acts for Aoife Brennan". Shown too unless the trigger is only the three dots. */
  label: string
  items: MenuItem[]
  /** How the trigger looks: three dots, a plain button with the label, or a filter chip. */
  look?: 'dots' | 'button' | 'chip'
  icon?: IconName
  /** For a chip: what is set now. */
  value?: string
}

/** Acts behind one button. The list floats in the top layer, so no card or table cuts it off. */
export function Menu({ label, items, look = 'dots', icon, value }: MenuProps) {
  const id = useId()
  const trigger = useRef<HTMLButtonElement>(null)
  const list = useRef<HTMLDivElement>(null)

  function place(event: ToggleEvent<HTMLDivElement>) {
    if (event.newState !== 'open' || !trigger.current) return
    const from = trigger.current.getBoundingClientRect()
    const box = event.currentTarget
    const below = from.bottom + 4 + box.offsetHeight <= innerHeight
    const left = look === 'dots' ? from.right - box.offsetWidth : from.left
    // Set through the object model, not by attribute: the page's policy refuses style attributes.
    box.style.top = `${Math.max(8, below ? from.bottom + 4 : from.top - 4 - box.offsetHeight)}px`
    box.style.left = `${Math.min(Math.max(8, left), innerWidth - box.offsetWidth - 8)}px`
    box.querySelector<HTMLElement>('a, button')?.focus()
  }

  function move(key: string) {
    const all = [...(list.current?.querySelectorAll<HTMLElement>('a, button') ?? [])]
    const at = all.indexOf(document.activeElement as HTMLElement)
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[key]
    if (next === undefined) return false
    all.at(next % all.length)?.focus()
    return true
  }

  return (
    <>
      <button ref={trigger} type="button" popoverTarget={id} aria-haspopup="true" className={triggerClass(look, value)}>
        {look === 'dots' ? <Icon name={icon ?? 'more'} /> : null}
        {look !== 'dots' && icon ? <Icon name={icon} /> : null}
        {look === 'chip' && !value ? <Icon name="plus" size={12} /> : null}
        <span className={look === 'dots' ? 'vh' : undefined}>{label}</span>
        {value ? <b>{value}</b> : null}
        {look === 'button' || value ? <Icon name="down" size={12} /> : null}
      </button>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrow keys help those inside; every item is a control of its own */}
      <div
        className="menu"
        popover="auto"
        id={id}
        ref={list}
        onToggle={place}
        onClick={() => list.current?.hidePopover()}
        onKeyDown={(e) => {
          if (move(e.key)) e.preventDefault()
        }}
      >
        <ul aria-label={label}>
          {items.map((item, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a menu is a fixed list
            <li key={i} className={cx(item.gapBefore && 'gap')}>
              <Entry item={item} />
            </li>
          ))}
        </ul>
      </div>
    </>
  )
}

function triggerClass(look: NonNullable<MenuProps['look']>, value?: string): string {
  if (look === 'chip') return cx('chip', value && 'on')
  return look === 'dots' ? 'btn s quiet sq' : 'btn s quiet'
}

function Entry({ item }: { item: MenuItem }) {
  const inside = (
    <>
      {item.icon ? <Icon name={item.icon} /> : null}
      <span className="grow">{item.label}</span>
      {item.current ? <Icon name="check" /> : null}
    </>
  )
  const name = cx(item.danger && 'danger')
  if (item.href) {
    return (
      <Link className={name} href={item.href} scroll={false} aria-current={item.current ? 'true' : undefined}>
        {inside}
      </Link>
    )
  }
  return (
    <button
      className={name}
      type={item.onPick ? 'button' : 'submit'}
      name={item.name}
      value={item.value}
      onClick={item.onPick}
    >
      {inside}
    </button>
  )
}

export type FilterMenuProps = {
  label: string
  /** The words of what is set now, if anything. */
  value?: string
  options: { label: string; href: string; current?: boolean }[]
  /** Where the list stands without this filter. */
  clearHref?: string
}

/** A filter with several settings, as a chip that opens them. */
export function FilterMenu({ label, value, options, clearHref }: FilterMenuProps) {
  const items: MenuItem[] = options.map((o) => ({ ...o }))
  if (value && clearHref) items.push({ label: 'Any', href: clearHref, icon: 'close', gapBefore: true })
  return <Menu label={label} value={value} look="chip" items={items} />
}
