'use client'
import { useEffect, useRef } from 'react'
import { Icon } from './icon'

export type SearchBoxProps = {
  /** Accessible name: "Search people". */
  label: string
  placeholder?: string
  defaultValue?: string
  /** Query parameter; `q` unless said. */
  name?: string
  /** Where the form goes; this page unless said. */
  action?: string
  /** Other query parameters to carry along: filters, order. */
  keep?: Record<string, string | undefined>
  /** For a live list on a client page; the form is then never sent. */
  onSearch?: (text: string) => void
}

/** Search by a GET form, so a result has an address. The key "/" leads here. */
export function SearchBox({ label, placeholder, defaultValue, name = 'q', action, keep, onSearch }: SearchBoxProps) {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      const typing =
        event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [contenteditable]')
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      input.current?.focus()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return (
    <search>
      <form className="search" action={action} onSubmit={onSearch ? (e) => e.preventDefault() : undefined}>
        <Icon name="search" />
        <input
          ref={input}
          className="input"
          type="search"
          aria-label={label}
          aria-keyshortcuts="/"
          autoComplete="off"
          onChange={onSearch ? (e) => onSearch(e.currentTarget.value) : undefined}
          {...{ name, placeholder, defaultValue }}
        />
        {Object.entries(keep ?? {}).map(([key, value]) =>
          value ? <input key={key} type="hidden" name={key} value={value} /> : null,
        )}
        <kbd className="not-s">/</kbd>
      </form>
    </search>
  )
}
