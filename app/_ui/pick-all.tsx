'use client'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Icon } from './icon'

/** The boxes of that name in the same form, or in the same table outside of one. */
function boxesBeside(from: HTMLElement | null, name: string): HTMLInputElement[] {
  const room = from?.closest('form') ?? from?.closest('table') ?? document
  return [
    ...room.querySelectorAll<HTMLInputElement>(
      `tbody input[type="checkbox"][name="${CSS.escape(name)}"]:not(:disabled)`,
    ),
  ]
}

/** Counts the ticked boxes and hears every change around it. */
function usePicked(name: string, ref: { current: HTMLElement | null }) {
  const [state, setState] = useState({ picked: 0, all: 0 })
  useEffect(() => {
    function count() {
      const boxes = boxesBeside(ref.current, name)
      setState({ picked: boxes.filter((b) => b.checked).length, all: boxes.length })
    }
    count()
    document.addEventListener('change', count)
    document.addEventListener('reset', count)
    return () => {
      document.removeEventListener('change', count)
      document.removeEventListener('reset', count)
    }
  }, [name, ref])
  return state
}

function setAll(boxes: HTMLInputElement[], checked: boolean) {
  for (const box of boxes) box.checked = checked
  document.dispatchEvent(new Event('change'))
}

/** The box in a table's head that ticks all of them. Part of `DataTable`. */
export function PickAll({ name, label }: { name: string; label: string }) {
  const box = useRef<HTMLInputElement>(null)
  const { picked, all } = usePicked(name, box)
  useEffect(() => {
    if (!box.current) return
    box.current.checked = all > 0 && picked === all
    box.current.indeterminate = picked > 0 && picked < all
  }, [picked, all])
  return (
    <input
      ref={box}
      type="checkbox"
      aria-label={label}
      onChange={(e) => setAll(boxesBeside(box.current, name), e.currentTarget.checked)}
    />
  )
}

export type BulkBarProps = {
  /** The `name` of the table's `select`. */
  name: string
  /** Singular and plural of what is selected: ["person", "people"]. */
  noun: [one: string, many: string]
  /** What the acts do, said before the click. */
  say?: ReactNode
  /** Submit buttons (`name`, `value` or `formAction`) of the form around table and bar. */
  children: ReactNode
}

/** Appears when rows are ticked: how many, what will happen, the acts. Stands after the table in the same form. */
export function BulkBar({ name, noun, say, children }: BulkBarProps) {
  const bar = useRef<HTMLDivElement>(null)
  const { picked } = usePicked(name, bar)
  return (
    <div className="bulk-place" ref={bar} role="status">
      {picked > 0 ? (
        <div className="bulk">
          <b className="num nowrap">{`${picked} ${picked === 1 ? noun[0] : noun[1]} selected`}</b>
          <span className="say">{say}</span>
          <div className="acts">
            {children}
            <button
              type="button"
              className="btn s quiet sq"
              aria-label="Clear the selection"
              onClick={() => setAll(boxesBeside(bar.current, name), false)}
            >
              <Icon name="close" />
            </button>
          </div>
        </div>
      ) : null}
    </div>
  )
}
