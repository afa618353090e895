'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { type ReactNode, useEffect, useRef } from 'react'
import { Brand, type BrandProps } from './brand'
import { Icon } from './icon'
import type { IconName } from './icons'

/** `count` is what is unread, or waits. */
export type FolderItem = {
  href: string
  label: string
  icon?: IconName
  count?: number
  current?: boolean /** How deep below its parent, 0 to 3. */
  depth?: 0 | 1 | 2 | 3
}

export type FolderListProps = {
  brand?: BrandProps
  /** Where "Write" leads. */
  composeHref: string
  folders: FolderItem[]
  labels?: FolderItem[]
  /** At the foot: storage used, the way to the account. */
  foot?: ReactNode
}

/** The id `MessageList`'s button opens, under 1200 px. */
export const FOLDERS_ID = 'mail-folders'

/** First pane of the webmail; under 1200 px a drawer. Marks the current folder by path unless `current` says it. */
export function FolderList({ brand, composeHref, folders, labels, foot }: FolderListProps) {
  const path = usePathname()
  const pane = useRef<HTMLElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new path is exactly when the drawer must shut
  useEffect(() => {
    if (pane.current?.matches(':popover-open')) pane.current.hidePopover()
  }, [path])
  return (
    <aside className="rail mail-rail" aria-label="Folders and account" popover="auto" id={FOLDERS_ID} ref={pane}>
      <Brand {...brand} />
      <Link className="btn primary compose-btn" href={composeHref} aria-keyshortcuts="c">
        <Icon name="pen" />
        <span>Write</span>
        <kbd>c</kbd>
      </Link>
      <nav aria-label="Folders">
        <ul>{folders.map((f) => entry(f, path))}</ul>
      </nav>
      {labels?.length ? (
        <nav aria-label="Labels" className="labels">
          <ul>{labels.map((f) => entry({ icon: 'tag', ...f }, path))}</ul>
        </nav>
      ) : null}
      {foot ? <div className="foot">{foot}</div> : null}
    </aside>
  )
}

function entry({ href, label, icon = 'folder', count, current, depth = 0 }: FolderItem, path: string) {
  return (
    <li key={href} className={depth ? `deep-${depth}` : undefined}>
      <Link href={href} aria-current={(current ?? path === href) ? 'page' : undefined}>
        <Icon name={icon} />
        <span className="cut">{label}</span>
        {count ? (
          <span className="n">
            {count}
            <span className="vh"> unread</span>
          </span>
        ) : null}
      </Link>
    </li>
  )
}
