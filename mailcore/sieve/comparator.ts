import type { Comparator, Relation } from './program'

/** ASCII letters made lower case (RFC 4790 9.2); length and offsets stay. */
export const asciiFold = (text: string): string => text.replace(/[A-Z]+/g, (run) => run.toLowerCase())

const NOT_ASCII = /[^\0-\x7f]/

/** Characters up to which a text is decomposed: one of them may become eighteen. No header is that long; bodies may be. */
const DECOMPOSED_MOST = 200_000

/** More combining marks on one letter than any language has (UAX 15, 13): sorting them takes time squared. */
const PILED_MARKS = /\p{M}{31}/u

/**
 * RFC 5051 2: decomposed. Folding comes apart from it, so that what a wildcard matched can be cut out of this.
 */
const decompose = (text: string): string =>
  text.length <= DECOMPOSED_MOST && NOT_ASCII.test(text) && !PILED_MARKS.test(text) ? text.normalize('NFKD') : text

/** A pattern for `:matches`, in the form that `prepare` gives the text; a full-width star becomes a star that is none. */
export function preparePattern(pattern: string, comparator: Comparator): string {
  if (comparator !== 'i;unicode-casemap') return prepare(pattern, comparator).folded
  const safe = pattern.replace(/[^\0-\x7f]+/g, (run) => decompose(run).replace(/[*?\\]/g, '\\$&'))
  return unicodeFold(safe)
}

/** Simple case mapping: a letter whose other case is longer (ß) stays, so offsets stay too. */
function unicodeFold(text: string): string {
  const lower = asciiFold(text)
  if (!NOT_ASCII.test(lower)) return lower
  if (lower.length > DECOMPOSED_MOST) return quickFold(lower)
  let out = ''
  for (const c of lower) {
    if (c < '\x80') {
      out += c
      continue
    }
    const upper = c.toUpperCase()
    const folded = upper.length === c.length ? upper.toLowerCase() : c.toLowerCase()
    out += folded.length === c.length ? folded : c
  }
  return out
}

/** The same for a text too long to be looked at letter by letter. */
function quickFold(text: string): string {
  const folded = text.toLowerCase().replaceAll('\u03c2', '\u03c3')
  return folded.length === text.length ? folded : text
}

/** A text in the two forms a comparison needs, of equal length: `plain` to cut out of, `folded` to compare. */
export interface Prepared {
  plain: string
  folded: string
}

/** Prepares a text for a comparator that knows substrings. */
export function prepare(text: string, comparator: Comparator): Prepared {
  switch (comparator) {
    case 'i;octet':
    case 'i;ascii-numeric':
      return { plain: text, folded: text }
    case 'i;ascii-casemap':
      return { plain: text, folded: asciiFold(text) }
    case 'i;unicode-casemap': {
      const plain = decompose(text)
      return { plain, folded: unicodeFold(plain) }
    }
  }
}

/** Leading digits without leading zeros; null, which stands for infinity, where there are none (RFC 4790 9.1.1). */
const numeral = (text: string): string | null => /^0*(\d+)/.exec(text)?.[1] ?? null

function compareNumerals(a: string | null, b: string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}

/** Less than, equal to or greater than zero, as `a` sorts before, with or after `b` (RFC 4790). */
export function compare(a: string, b: string, comparator: Comparator): number {
  if (comparator === 'i;ascii-numeric') return compareNumerals(numeral(a), numeral(b))
  const left = prepare(a, comparator).folded
  const right = prepare(b, comparator).folded
  // By octets of UTF-8: UTF-16 sorts what lies beyond U+FFFF before U+E000.
  return left === right ? 0 : Buffer.compare(Buffer.from(left), Buffer.from(right))
}

/** Whether a result of `compare` fits a relation (RFC 5231 4). */
export function relates(order: number, relation: Relation): boolean {
  switch (relation) {
    case 'gt':
      return order > 0
    case 'ge':
      return order >= 0
    case 'lt':
      return order < 0
    case 'le':
      return order <= 0
    case 'eq':
      return order === 0
    case 'ne':
      return order !== 0
  }
}
