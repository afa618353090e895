'use client'
import { type ReactNode, useEffect, useId, useRef } from 'react'

export type DialogProps = {
  open: boolean
  /** Escape, the veil and the acts lead here. */
  onClose: () => void
  title: ReactNode
  /** Buttons, the safe one first. */
  acts?: ReactNode
  children?: ReactNode
}

/** A question that must be answered first, as the browser's own modal dialog: focus is kept and given back by it. */
export function Dialog({ open, onClose, title, acts, children }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    const dialog = box.current
    if (!dialog) return
    if (open && !dialog.open) dialog.showModal()
    if (!open && dialog.open) dialog.close()
  }, [open])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the veil is a second way out; Escape is the browser's
    <dialog
      className="dialog"
      ref={box}
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(e) => {
        if (e.target === box.current) box.current.close()
      }}
    >
      <div className="dialog-in">
        <h2 id={titleId}>{title}</h2>
        {children}
        {acts ? <div className="acts">{acts}</div> : null}
      </div>
    </dialog>
  )
}
