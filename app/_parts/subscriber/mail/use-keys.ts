'use client'
import { useEffect, useRef } from 'react'

/** The keys of the webmail, in the order the map shows them. */
export const KEYS = [
  { keys: ['j'], does: 'Next message' },
  { keys: ['k'], does: 'Message before' },
  { keys: ['u'], does: 'Back to the list' },
  { keys: ['c'], does: 'Write a message' },
  { keys: ['r'], does: 'Reply' },
  { keys: ['a'], does: 'Reply to all' },
  { keys: ['f'], does: 'Forward' },
  { keys: ['e'], does: 'Archive' },
  { keys: ['#'], does: 'Delete' },
  { keys: ['s'], does: 'Flag or unflag' },
  { keys: ['m'], does: 'Mark as unread' },
  { keys: ['?'], does: 'This map' },
] as const
export type MailKey = (typeof KEYS)[number]['keys'][0] | 'Escape'

const isKey = (key: string): key is MailKey => key === 'Escape' || KEYS.some((one) => one.keys[0] === key)

/** Calls `onKey` for a key of the map, unless somebody types or a dialog or menu stands open. */
export function useKeys(onKey: (key: MailKey) => void): void {
  const latest = useRef(onKey)
  latest.current = onKey
  useEffect(() => {
    function hear(event: KeyboardEvent) {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !isKey(event.key)) return
      const typing =
        event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [contenteditable]')
      if ((typing && event.key !== 'Escape') || document.querySelector('dialog[open], :popover-open')) return
      event.preventDefault()
      latest.current(event.key)
    }
    document.addEventListener('keydown', hear)
    return () => document.removeEventListener('keydown', hear)
  }, [])
}
