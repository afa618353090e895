/** A run of a pattern between two `*`: characters, or null for `?`. */
interface Run {
  units: readonly (string | null)[]
  /** The run as one string where it has no `?`, for a search in linear time */
  literal: string | null
}

/** A pattern of `:matches` (RFC 5228 2.7.1) taken apart at its stars: one run more than there are stars. */
export interface Wildcard {
  runs: readonly Run[]
  /** Kinds of the wildcards in order, for the match variables */
  kinds: readonly ('*' | '?')[]
}

/** Reads a pattern; `\` makes the character after it a plain one. */
export function parseWildcard(pattern: string): Wildcard {
  const runs: Run[] = []
  const kinds: ('*' | '?')[] = []
  let units: (string | null)[] = []
  const close = () => {
    runs.push({ units, literal: units.includes(null) ? null : units.join('') })
    units = []
  }
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern.charAt(i)
    if (c === '*') {
      kinds.push('*')
      close()
    } else if (c === '?') {
      kinds.push('?')
      units.push(null)
    } else {
      if (c === '\\' && i + 1 < pattern.length) i++
      units.push(pattern.charAt(i))
    }
  }
  close()
  return { runs, kinds }
}

/**
 * Matches the whole of `text`. Returns what each wildcard stands for as pairs of offsets, in the order of the pattern,
 * or null. Each run goes to the first place where it fits, which is also what RFC 5229 3.2 asks for (each `*` takes as
 * little as it can), so nothing is ever taken back. `spend` is told what is compared, and may throw.
 */
export function matchWildcard(
  wildcard: Wildcard,
  text: string,
  spend: (work: number) => void,
): [start: number, end: number][] | null {
  const { runs } = wildcard
  const spans: [number, number][] = []
  const first = runs[0]
  if (!first) return null
  const head = fitsAt(first, text, 0, spend)
  if (head < 0) return null
  note(first, text, 0, spans)
  if (runs.length === 1) return head === text.length ? spans : null
  let at = head
  for (const [i, run] of runs.entries()) {
    if (i === 0) continue
    const start = i === runs.length - 1 ? findAtEnd(run, text, at, spend) : find(run, text, at, spend)
    if (start < 0) return null
    spans.push([at, start])
    at = note(run, text, start, spans)
  }
  return spans
}

/** Width of one character at `at`: `?` takes a whole one (RFC 5229 3.2 counts characters). */
const widthAt = (text: string, at: number): number => ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)

/** Where the run ends if it fits at `at`, or -1. */
function fitsAt(run: Run, text: string, at: number, spend: (work: number) => void): number {
  if (run.literal !== null) {
    spend(1 + run.literal.length / 8)
    return text.startsWith(run.literal, at) ? at + run.literal.length : -1
  }
  let i = at
  for (const [n, unit] of run.units.entries()) {
    if (i >= text.length || (unit !== null && unit !== text[i])) {
      spend(n + 4)
      return -1
    }
    i += unit === null ? widthAt(text, i) : 1
  }
  spend(run.units.length)
  return i
}

/** Notes what the question marks of a run at `at` stand for; returns where the run ends. */
function note(run: Run, text: string, at: number, spans: [number, number][]): number {
  if (run.literal !== null) return at + run.literal.length
  let i = at
  for (const unit of run.units) {
    const width = unit === null ? widthAt(text, i) : 1
    if (unit === null) spans.push([i, i + width])
    i += width
  }
  return i
}

function find(run: Run, text: string, from: number, spend: (work: number) => void): number {
  if (run.literal !== null) return indexOf(text, run.literal, from, spend)
  for (let at = from; at <= text.length; at += widthAt(text, at)) if (fitsAt(run, text, at, spend) >= 0) return at
  return -1
}

/** The first place from which the run reaches the end of the text. */
function findAtEnd(run: Run, text: string, from: number, spend: (work: number) => void): number {
  const units = run.units.length
  if (run.literal !== null) {
    const at = text.length - units
    return at >= from && fitsAt(run, text, at, spend) >= 0 ? at : -1
  }
  // A question mark takes one or two units, so the run is at most twice as long as it is written.
  for (let at = Math.max(from, text.length - 2 * units); at <= text.length - units; at++)
    if (!splitsPair(text, at) && fitsAt(run, text, at, spend) === text.length) return at
  return -1
}

const splitsPair = (text: string, at: number): boolean =>
  at > 0 && (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800

/** Where comparing each place with the whole key costs too much, and a table pays. */
const NAIVE_COST = 4_000_000

/** As String.indexOf, but linear whatever key and text are (Knuth, Morris and Pratt). */
export function indexOf(text: string, key: string, from: number, spend: (work: number) => void): number {
  const naive = (text.length - from) * key.length < NAIVE_COST
  const found = naive ? text.indexOf(key, from) : indexByTable(text, key, from)
  // Only the way to the place found: a pattern of many stars goes through the text once in all.
  const way = (found < 0 ? text.length : found) - from
  spend(1 + (naive ? way / 8 : way + key.length))
  return found
}

function indexByTable(text: string, key: string, from: number): number {
  const back = new Int32Array(key.length)
  for (let i = 1, k = 0; i < key.length; i++) {
    while (k > 0 && key.charCodeAt(i) !== key.charCodeAt(k)) k = back[k - 1] ?? 0
    if (key.charCodeAt(i) === key.charCodeAt(k)) k++
    back[i] = k
  }
  for (let i = from, k = 0; i < text.length; i++) {
    while (k > 0 && text.charCodeAt(i) !== key.charCodeAt(k)) k = back[k - 1] ?? 0
    if (text.charCodeAt(i) === key.charCodeAt(k)) k++
    if (k === key.length) return i - k + 1
  }
  return -1
}
