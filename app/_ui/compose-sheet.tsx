'use client'
import Link from 'next/link'
import { type PointerEvent, type ReactNode, useRef, useState } from 'react'
import { cx } from './cx'
import { Icon } from './icon'

export type ComposeSheetProps = {
  title?: string
  /** Closing keeps the draft. */
  closeHref: string
  /** Rows of `ComposeLine` (To, Subject), then the text. Put one `<form id>` around them or give controls its `form`. */
  children: ReactNode
  /** Send first, then attach; at the right "Saved". */
  footer: ReactNode
}

const LEAST_PX = { width: 360, height: 280 }

/** The compose window: floats at the lower right, grows from its upper left corner, goes full screen; on a phone the whole page. */
export function ComposeSheet({ title = 'New message', closeHref, footer, children }: ComposeSheetProps) {
  const [full, setFull] = useState(false)
  const box = useRef<HTMLDivElement>(null)

  function drag(event: PointerEvent<HTMLSpanElement>) {
    const sheet = box.current
    if (!sheet || !event.currentTarget.hasPointerCapture(event.pointerId)) return
    const { right, bottom } = sheet.getBoundingClientRect()
    sheet.style.width = `${Math.max(LEAST_PX.width, right - event.clientX)}px`
    sheet.style.height = `${Math.max(LEAST_PX.height, bottom - event.clientY)}px`
  }

  function toggleFull() {
    box.current?.style.removeProperty('width')
    box.current?.style.removeProperty('height')
    setFull(!full)
  }

  return (
    <section className={cx('compose', full && 'full')} aria-label={title} ref={box}>
      <span
        className="grip not-s"
        aria-hidden="true"
        onPointerDown={(e) => e.currentTarget.setPointerCapture(e.pointerId)}
        onPointerMove={drag}
      />
      <header>
        <h2 className="cut grow">{title}</h2>
        <button type="button" className="btn s quiet sq not-s" aria-pressed={full} onClick={toggleFull}>
          <Icon name={full ? 'minimize' : 'maximize'} />
          <span className="vh">Full screen</span>
        </button>
        <Link className="btn s quiet sq" href={closeHref} scroll={false}>
          <Icon name="close" />
          <span className="vh">Close and keep the draft</span>
        </Link>
      </header>
      <div className="compose-in">{children}</div>
      <footer>{footer}</footer>
    </section>
  )
}

/** A line of the head of a message: its word, and the field without a frame. */
export function ComposeLine({
  label,
  htmlFor,
  children,
  aside,
}: {
  label: string
  htmlFor: string
  children: ReactNode
  aside?: ReactNode
}) {
  return (
    <div className="compose-line">
      <label htmlFor={htmlFor}>{label}</label>
      {children}
      {aside}
    </div>
  )
}
