/** A LIST pattern made ready to be asked about many names. */
export type Matcher = (path: string) => boolean

/**
 * Which names match a LIST pattern (RFC 9051 6.3.9)? `*` stands for anything, `%` for anything without "/".
 * All places in the pattern where a name may stand are followed at once, as bits of words: a name costs its length times a 32nd of the pattern's,
 * whatever the pattern. A regular expression or backtracking turns `*a*a*a*a...` into hours of CPU (CVE-2026-33607).
 */
export function compilePattern(pattern: string): Matcher {
  const text = pattern.replace(/[*%]*\*[*%]*/g, '*').replace(/%+/g, '%')
  const literals = text.replace(/[*%]/g, '').length
  if (literals === text.length) return (path) => path === text
  const places = buildPlaces(text)
  // A name shorter than what must stand in it cannot match; most hostile patterns end here.
  return (path) => path.length >= literals && follow(places, path)
}

/** Does one name match one pattern? */
export const matchesPattern = (path: string, pattern: string): boolean => compilePattern(pattern)(path)

interface Places {
  length: number
  words: number
  /** Places where this character is what comes next. */
  literal: ReadonlyMap<number, Int32Array>
  star: Int32Array
  percent: Int32Array
}

function buildPlaces(text: string): Places {
  const words = (text.length >>> 5) + 1
  const literal = new Map<number, Int32Array>()
  const star = new Int32Array(words)
  const percent = new Int32Array(words)
  const mark = (set: Int32Array, i: number) => {
    set[i >>> 5] = (set[i >>> 5] ?? 0) | (1 << (i & 31))
  }
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 42) mark(star, i)
    else if (code === 37) mark(percent, i)
    else {
      const set = literal.get(code) ?? new Int32Array(words)
      mark(set, i)
      literal.set(code, set)
    }
  }
  return { length: text.length, words, literal, star, percent }
}

function follow(places: Places, path: string): boolean {
  const { words, literal, star, percent } = places
  const now = new Int32Array(words)
  now[0] = 1
  skipWild(now, places)
  const folds = isInbox(path) ? 5 : 0
  for (let at = 0; at < path.length; at++) {
    const code = path.charCodeAt(at)
    const advance = at < folds ? either(literal.get(code), literal.get(code + 32)) : literal.get(code)
    const within = code === 47 ? 0 : -1
    let carry = 0
    let any = 0
    for (let w = 0; w < words; w++) {
      const here = now[w] ?? 0
      const moved = advance ? here & (advance[w] ?? 0) : 0
      const next = (moved << 1) | carry | (here & ((star[w] ?? 0) | ((percent[w] ?? 0) & within)))
      carry = moved >>> 31
      now[w] = next
      any |= next
    }
    if (any === 0) return false
    skipWild(now, places)
  }
  return ((now[places.length >>> 5] ?? 0) & (1 << (places.length & 31))) !== 0
}

/** INBOX, and what stands below it: this one name has no case (RFC 9051 5.1), so that `in%` finds it too. */
const isInbox = (path: string): boolean => path.startsWith('INBOX') && (path.length === 5 || path[5] === '/')

function either(a: Int32Array | undefined, b: Int32Array | undefined): Int32Array | undefined {
  if (!a || !b) return a ?? b
  return a.map((word, i) => word | (b[i] ?? 0))
}

/** A wildcard may stand for nothing. No two stand side by side, so once is enough. */
function skipWild(now: Int32Array, { words, star, percent }: Places): void {
  let carry = 0
  for (let w = 0; w < words; w++) {
    const here = now[w] ?? 0
    const wild = here & ((star[w] ?? 0) | (percent[w] ?? 0))
    now[w] = here | (wild << 1) | carry
    carry = wild >>> 31
  }
}
