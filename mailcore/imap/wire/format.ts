import { encodeUtf7 } from './utf7'

/** How answers are written (RFC 9051 section 9). Text holds one character per byte. */

// Printable ASCII without the two that need escaping.
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/
const QUOTABLE = /^[\x20-\x7e]*$/

/** A string: quoted where it may be, else a literal. NUL, which neither may hold, becomes a space. */
export function quote(bytes: string): string {
  if (bytes.length <= 1_000) {
    if (PLAIN.test(bytes)) return `"${bytes}"`
    if (QUOTABLE.test(bytes)) return `"${bytes.replace(/["\\]/g, '\\$&')}"`
  }
  return `{${bytes.length}}\r\n${bytes.replaceAll('\0', ' ')}`
}

/** Unicode text as bytes in a text. */
export const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

/** A mailbox name as this client writes them: UTF-8 once it enabled that, else modified UTF-7 (RFC 9051 5.1, appendix A.1). */
export function formatMailbox(name: string, wide: boolean): string {
  if (name === 'INBOX') return 'INBOX'
  if (!wide) return quote(encodeUtf7(name))
  const bytes = utf8(name)
  // A quoted string may hold UTF-8 then, and only then.
  return /[\r\n\0]/.test(bytes) ? quote(bytes) : `"${bytes.replace(/["\\]/g, '\\$&')}"`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (n: number): string => (n < 10 ? `0${n}` : String(n))

/** date-time, in UTC and quoted. The day has two digits, which is what clients know best of the two forms (RFC 9051 section 9, date-day-fixed). */
export function formatDateTime(ms: number): string {
  const date = new Date(ms)
  const day = date.getUTCDate()
  const year = String(date.getUTCFullYear()).padStart(4, '0')
  return `"${two(day)}-${MONTHS[date.getUTCMonth()]}-${year} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000"`
}
