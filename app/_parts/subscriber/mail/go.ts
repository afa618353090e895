import type { MouseEvent } from 'react'

/**
 * Goes to another address of the webmail at once, without asking the server for a page: everything it shows is here or is asked for by
 * the procedures. So a key pressed right after another acts on the message it shows, never on the one before.
 */
export const go = (href: string): void => window.history.pushState(null, '', href)

/** The same for plain clicks on links between addresses of the webmail; new tabs and everything else stay with the browser. */
export function goByClick(event: MouseEvent): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const link = event.target instanceof Element ? event.target.closest('a') : null
  const href = link?.getAttribute('href')
  if (!href?.startsWith('/dashboard/mail/') || link?.target) return
  event.preventDefault()
  go(href)
}
