'use client'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react'
import { Icon } from './icon'

/** `undo` offers a way back and keeps the toast two seconds longer; `bad` stays until it is closed. */
export type ToastInput = { text: string; undo?: () => unknown; bad?: boolean }
type Shown = ToastInput & { id: number }

const Say = createContext<(toast: ToastInput) => void>(() => {})
const STAY_MS = 8_000
const STAY_UNDO_MS = 10_000
const MOST = 3 // more than three at once are not read

/** Around every portal's layout; `useToast` speaks through it. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<Shown[]>([])
  const say = useCallback((toast: ToastInput) => {
    setShown((now) => [...now, { ...toast, id: (now.at(-1)?.id ?? 0) + 1 }].slice(-MOST))
  }, [])
  const drop = useCallback((id: number) => setShown((now) => now.filter((t) => t.id !== id)), [])
  const value = useMemo(() => say, [say])
  return (
    <Say value={value}>
      {children}
      <div className="toasts" role="status">
        {shown.map((t) => (
          <Toast key={t.id} toast={t} drop={drop} />
        ))}
      </div>
    </Say>
  )
}

/** `const say = useToast(); say({ text: '3 people will be asked for two-step.', undo })` */
export function useToast(): (toast: ToastInput) => void {
  return useContext(Say)
}

/** One message: what happened, and the way back. The clock stands still under the pointer and while it has the focus. */
export function Toast({ toast, drop }: { toast: ToastInput & { id: number }; drop: (id: number) => void }) {
  const [held, setHeld] = useState(false)
  const { id, text, undo, bad } = toast
  useEffect(() => {
    if (held || bad) return
    const timer = setTimeout(() => drop(id), undo ? STAY_UNDO_MS : STAY_MS)
    return () => clearTimeout(timer)
  }, [held, bad, undo, id, drop])
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the pointer only stops the clock; every act is a button
    <div
      className={bad ? 'toast bad' : 'toast'}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon name={bad ? 'no' : 'ok'} />
      <span>{text}</span>
      {undo ? (
        <button
          type="button"
          className="btn s quiet"
          onClick={() => {
            void undo()
            drop(id)
          }}
        >
          Undo
        </button>
      ) : null}
      <button type="button" className="btn s quiet sq" aria-label="Close" onClick={() => drop(id)}>
        <Icon name="close" />
      </button>
    </div>
  )
}
