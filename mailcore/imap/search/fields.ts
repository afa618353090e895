import { decodeWords, trimBytes, unfold } from '#mailcore/proto/header'
import { fold } from './fold'

/**
 * Where the value of the next field called `name` (small letters) begins, at or after the line start `from`; -1 where there is none. Goes by
 * line starts, so that a header of kilobytes need not be put into small letters for one field.
 */
function valueStart(header: string, name: string, from: number): number {
  const first = name.charCodeAt(0)
  for (let at = from; at < header.length; ) {
    if ((header.charCodeAt(at) | 32) === (first | 32) && isName(header, at, name)) {
      let colon = at + name.length
      while (header.charCodeAt(colon) === 32 || header.charCodeAt(colon) === 9) colon++
      if (header.charCodeAt(colon) === 58) return colon + 1
    }
    const end = header.indexOf('\n', at)
    if (end < 0) return -1
    at = end + 1
  }
  return -1
}

const isName = (header: string, at: number, name: string): boolean =>
  name !== '' && header.slice(at, at + name.length).toLowerCase() === name

/** Where a value that begins at `start` ends: before the line break of its last line. */
function valueEnd(header: string, start: number): number {
  for (let at = start; ; ) {
    const end = header.indexOf('\n', at)
    if (end < 0) return header.length
    const next = header.charCodeAt(end + 1)
    if (next !== 32 && next !== 9) return end
    at = end + 1
  }
}

/** The first value of a field called `name` (small letters), unfolded. Header and value hold one character per byte. */
export function firstField(header: string, name: string): string | undefined {
  const start = valueStart(header, name, 0)
  return start < 0 ? undefined : unfold(header.slice(start, valueEnd(header, start)))
}

const PLAIN = /^[\x20-\x7e]*$/

/** The values of all fields called `name` (small letters) as searched text: decoded and folded. */
export function foldedFields(header: string, name: string): string[] {
  const values: string[] = []
  for (let start = valueStart(header, name, 0); start >= 0; ) {
    const end = valueEnd(header, start)
    const value = trimBytes(header.slice(start, end))
    const plain = PLAIN.test(value) && !value.includes('=?')
    values.push(fold(plain ? value : decodeWords(unfold(value)).replaceAll('\t', ' ')))
    start = valueStart(header, name, end + 1)
  }
  return values
}

/** A whole header block as searched text: lines unfolded, words decoded, folded. */
export const foldedHeader = (text: string): string => fold(decodeWords(text.replace(/\r?\n(?=[ \t])/g, '')))
