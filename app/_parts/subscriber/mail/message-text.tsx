import { Fragment, type ReactNode } from 'react'

const LINK = /https?:\/\/[^\s<>"')\]]+[^\s<>"')\].,;:!?]/g

/** Plain text as it was written, its web addresses made links. They open apart, and learn nothing of where they stood. */
export function MessageText({ text }: { text: string }) {
  const parts: ReactNode[] = []
  let from = 0
  for (const match of text.matchAll(LINK)) {
    const [url] = match
    parts.push(text.slice(from, match.index))
    parts.push(
      <a href={url} target="_blank" rel="noopener noreferrer nofollow">
        {url}
      </a>,
    )
    from = match.index + url.length
  }
  parts.push(text.slice(from))
  return (
    <pre>
      {parts.map((part, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the text never changes, its pieces keep their places
        <Fragment key={i}>{part}</Fragment>
      ))}
    </pre>
  )
}

/** The words of an HTML part, for a quotation: read by an inert document, which loads nothing and runs nothing. */
export function plainOf(html: string): string {
  const broken = html.replaceAll(/<br\s*\/?>|<\/(?:p|div|tr|li|h[1-6])>/gi, '$&\n')
  const page = new DOMParser().parseFromString(broken, 'text/html')
  for (const hidden of page.querySelectorAll('style, script, title, head')) hidden.remove()
  return (page.body?.textContent ?? '')
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/\n\s*\n\s*/g, '\n\n')
    .trim()
}
