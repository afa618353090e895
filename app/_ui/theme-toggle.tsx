'use client'
import { Icon } from './icon'

/** Light or dark until the page is left: nothing is stored, the system's own choice is the default. */
export function ThemeToggle({ className = 'themer' }: { className?: string }) {
  function turn() {
    const { dataset } = document.documentElement
    const dark = dataset.theme ? dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
    dataset.theme = dark ? 'light' : 'dark'
  }
  return (
    <button className={className} type="button" onClick={turn}>
      <span className="to-dark">
        <Icon name="moon" />
      </span>
      <span className="to-light">
        <Icon name="sun" />
      </span>
      <span>
        <span className="to-dark">Dark</span>
        <span className="to-light">Light</span> <em>theme</em>
      </span>
    </button>
  )
}
