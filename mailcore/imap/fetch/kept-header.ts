import { KEPT_FIELDS } from '#mailcore/proto/mime/describe'
import type { Section } from './section'

/** Does the stored header hold all that this section may ask for? */
export const isKept = ({ path, extent, names }: Section): boolean =>
  extent === 'header.fields' && path.length === 0 && names.every((name) => KEPT_FIELDS.has(name))

const LF = 10
const CR = 13
const SPACE = 32
const COLON = 58

/**
 * Finds named fields in a stored header (see KEPT_FIELDS) by looking at bytes alone: a mail program asks for some fields of every message of a
 * folder, and reading each header as text would take longer than all else. One finder serves one item of one command.
 */
export class FieldFinder {
  readonly #names: readonly Buffer[]
  /** Spans found: start, end, start, end. */
  spans = new Int32Array(64)
  /** Numbers used in `spans`. */
  used = 0
  /** Bytes in all spans. */
  bytes = 0

  /** `names` in lower case, each of KEPT_FIELDS. */
  constructor(names: readonly string[]) {
    this.#names = [...new Set(names)].map((name) => Buffer.from(name, 'latin1'))
  }

  /** Takes down where the fields stand; false when the header is incomplete (it then has no closing empty line) and the message must be asked. */
  find(header: Buffer): boolean {
    this.used = 0
    this.bytes = 0
    const end = header.length - 2
    if (end < 0 || header[end] !== CR || header[end + 1] !== LF || (end > 0 && header[end - 1] !== LF)) return false
    for (let at = 0; at < end; ) {
      const start = at
      // The name: up to a colon on the same line, no control character before it (see proto/header).
      let colon = at
      while (colon < end && (header[colon] ?? 0) >= SPACE && header[colon] !== COLON) colon++
      const named = header[colon] === COLON && colon > start && header[start] !== SPACE
      at = fieldEnd(header, colon, end)
      if (!named) continue
      let nameEnd = colon
      while (header[nameEnd - 1] === SPACE) nameEnd--
      if (this.#wants(header, start, nameEnd)) this.#take(start, at)
    }
    return true
  }

  #wants(header: Buffer, start: number, end: number): boolean {
    const length = end - start
    for (const name of this.#names) {
      if (name.length !== length) continue
      let i = 0
      // Names hold letters and hyphens only; of printable characters a set bit 5 turns no other into one of those but the capitals.
      while (i < length && ((header[start + i] ?? 0) | 32) === name[i]) i++
      if (i === length) return true
    }
    return false
  }

  #take(start: number, end: number): void {
    this.bytes += end - start
    // Fields that stand side by side are copied together.
    if (this.used > 0 && this.spans[this.used - 1] === start) {
      this.spans[this.used - 1] = end
      return
    }
    if (this.used + 2 > this.spans.length) {
      const more = new Int32Array(this.spans.length * 2)
      more.set(this.spans)
      this.spans = more
    }
    this.spans[this.used++] = start
    this.spans[this.used++] = end
  }
}

/** After the line break of the field's last line: lines that begin with white space belong to it. */
function fieldEnd(header: Buffer, from: number, end: number): number {
  let at = from
  for (;;) {
    while (at < end && header[at] !== LF) at++
    at++
    if (at >= end) return end
    const next = header[at]
    if (next !== SPACE && next !== 9) return at
  }
}
