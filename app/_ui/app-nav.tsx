'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { type ReactNode, useEffect, useId, useRef } from 'react'
import { cx } from './cx'
import { Icon } from './icon'
import type { IconName } from './icons'

/** One entry of the rail. */
export type Section = {
  href: string
  label: string
  /** One word for the narrow rail and the bottom bar when `label` is long. */
  short?: string
  icon: IconName
  /** Shown at the right: how many there are, or wait. */
  count?: number | string
  /** The count needs attention. */
  flag?: boolean
  /** Stands in the bottom bar of a phone. Without any, the first four do. */
  tab?: boolean
  /** A rule above: a new group begins. */
  gapBefore?: boolean
}

/** Sections with the current one marked: the longest href the path begins with. */
export function AppNav({ sections, more }: { sections: Section[]; more?: ReactNode }) {
  const path = usePathname()
  const drawer = useRef<HTMLDivElement>(null)
  const drawerId = useId()
  const current = currentHref(path, sections)
  const tabs = new Set(
    (sections.some((s) => s.tab) ? sections.filter((s) => s.tab) : sections).slice(0, 4).map((s) => s.href),
  )
  const hidden = sections.filter((s) => !tabs.has(s.href))
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new path is exactly when the drawer must shut
  useEffect(() => {
    if (drawer.current?.matches(':popover-open')) drawer.current.hidePopover()
  }, [path])
  return (
    <>
      <nav aria-label="Sections">
        <ul>
          {sections.map((s) => (
            <Entry key={s.href} section={s} current={s.href === current} tab={tabs.has(s.href)} />
          ))}
          <li className="tab only-s">
            <button type="button" className="more-btn" popoverTarget={drawerId}>
              <Icon name="more" />
              <span>More</span>
              {hidden.some((s) => s.flag) ? (
                <span className="dot-flag">
                  <span className="vh">needs you</span>
                </span>
              ) : null}
            </button>
          </li>
        </ul>
      </nav>
      <div className="drawer" popover="auto" id={drawerId} ref={drawer}>
        <nav aria-label="More sections">
          <ul>
            {hidden.map((s) => (
              <Entry key={s.href} section={s} current={s.href === current} />
            ))}
          </ul>
        </nav>
        {more}
      </div>
    </>
  )
}

function Entry({ section, current, tab }: { section: Section; current: boolean; tab?: boolean }) {
  const { href, label, short, icon, count, flag, gapBefore } = section
  return (
    <li className={cx(tab && 'tab', gapBefore && 'gap')}>
      <Link href={href} aria-current={current ? 'page' : undefined} aria-label={short ? label : undefined}>
        <Icon name={icon} />
        {short ? (
          <>
            <span className="word">{label}</span>
            <span className="word-s" aria-hidden="true">
              {short}
            </span>
          </>
        ) : (
          <span>{label}</span>
        )}
        {count === undefined ? null : (
          <span className={cx('n', flag && 'flag')}>
            {count}
            {flag ? <span className="vh"> need you</span> : null}
          </span>
        )}
      </Link>
    </li>
  )
}

/** The longest section href that is the path or one of its parents. */
export function currentHref(path: string, sections: { href: string }[]): string | undefined {
  const fits = sections
    .map((s) => s.href)
    .filter((href) => path === href || path.startsWith(href.endsWith('/') ? href : `${href}/`))
  return fits.sort((a, b) => b.length - a.length)[0]
}
