import type { Node } from './program'

const first = (text: string): string => String.fromCodePoint(text.codePointAt(0) ?? 0)

const firstChanged = (text: string, change: (c: string) => string): string =>
  text === '' ? '' : change(first(text)) + text.slice(first(text).length)

/** Modifiers of `set` in the order in which they are carried out: highest precedence first (RFC 5229 4.1). */
const MODIFIERS: readonly (readonly [string, (text: string) => string])[] = [
  [':lower', (text) => text.toLowerCase()],
  [':upper', (text) => text.toUpperCase()],
  [':lowerfirst', (text) => firstChanged(text, (c) => c.toLowerCase())],
  [':upperfirst', (text) => firstChanged(text, (c) => c.toUpperCase())],
  [':quotewildcard', (text) => text.replace(/[*?\\]/g, '\\$&')],
  [':quoteregex', (text) => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')],
  [':length', (text) => String([...text].length)],
]

/** The value that `set` gives to its variable. */
export function modified(node: Node, text: string): string {
  let out = text
  for (const [tag, change] of MODIFIERS) if (node.tags.has(tag)) out = change(out)
  return out
}
