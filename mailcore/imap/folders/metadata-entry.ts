import type { Cursor } from '../wire/cursor'
import { quote } from '../wire/format'

/**
 * The name of an annotation in lower case, in which names are compared (RFC 5464 section 3.2.1). BAD for what cannot be one. `root`: "/private" and
 * "/shared" themselves may be asked for what is below them.
 */
export function readEntryName(cursor: Cursor, root = false): string {
  const name = cursor.astring().toLowerCase()
  if (!/^\/(private|shared)\/[^/]/.test(name) && !(root && /^\/(private|shared)$/.test(name)))
    cursor.fail('An entry begins with /private/ or /shared/')
  if (name.endsWith('/') || name.includes('//')) cursor.fail('An entry has no empty level')
  if (/[^\x20-\x7e]|[*%]/.test(name)) cursor.fail('An entry is plain ASCII without * and %')
  return name
}

/** An entry's name as an astring. */
export const formatEntry = (name: string): string => (/^[^(){ %*"\\]+$/.test(name) ? name : quote(name))

/** A value: NIL, a string, or literal8 for bytes that no string may hold (RFC 5464 section 5). */
export function formatValue(value: Buffer | null): string {
  if (value === null) return 'NIL'
  const bytes = value.toString('latin1')
  return bytes.includes('\0') ? `~{${bytes.length}}\r\n${bytes}` : quote(bytes)
}
