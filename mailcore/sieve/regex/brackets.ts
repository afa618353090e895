import { type CharSet, RegexFault } from './ast'

type Range = readonly [number, number]

const WORD: Range[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]
const SPACE: Range[] = [
  [9, 13],
  [32, 32],
]
const DIGIT: Range[] = [[0x30, 0x39]]

/** POSIX.1 9.3.5, in the POSIX locale: ASCII only. */
const CLASSES = new Map<string, Range[]>([
  [
    'alnum',
    [
      [0x30, 0x39],
      [0x41, 0x5a],
      [0x61, 0x7a],
    ],
  ],
  [
    'alpha',
    [
      [0x41, 0x5a],
      [0x61, 0x7a],
    ],
  ],
  [
    'blank',
    [
      [9, 9],
      [32, 32],
    ],
  ],
  [
    'cntrl',
    [
      [0, 31],
      [127, 127],
    ],
  ],
  ['digit', DIGIT],
  ['graph', [[33, 126]]],
  ['lower', [[0x61, 0x7a]]],
  ['print', [[32, 126]]],
  [
    'punct',
    [
      [33, 47],
      [58, 64],
      [91, 96],
      [123, 126],
    ],
  ],
  ['space', SPACE],
  ['upper', [[0x41, 0x5a]]],
  [
    'xdigit',
    [
      [0x30, 0x39],
      [0x41, 0x46],
      [0x61, 0x66],
    ],
  ],
])

/** `\w` and its kin, which glibc and every editor know; null for another letter. */
export function letterSet(letter: string): CharSet | null {
  switch (letter) {
    case 'w':
    case 'W':
      return { ranges: WORD, negated: letter === 'W' }
    case 's':
    case 'S':
      return { ranges: SPACE, negated: letter === 'S' }
    case 'd':
    case 'D':
      return { ranges: DIGIT, negated: letter === 'D' }
    default:
      return null
  }
}

const BRACKET_RANGES_MOST = 2_000

/** Reads a bracket expression; `from` is behind its `[`. A backslash means itself there (POSIX.1 9.3.5). */
export function readBracket(chars: readonly string[], from: number): { set: CharSet; next: number } {
  let i = from
  const negated = chars[i] === '^'
  if (negated) i++
  const ranges: Range[] = []
  const first = i
  for (;;) {
    const c = chars[i]
    if (c === undefined) throw new RegexFault('"[" is never closed: expected "]"')
    if (c === ']' && i > first) return { set: { ranges: merge(ranges), negated }, next: i + 1 }
    if (ranges.length > BRACKET_RANGES_MOST) throw new RegexFault('a bracket expression is too long')
    if (c === '[' && chars[i + 1] === ':') {
      const named = readNamed(chars, i, ':')
      const found = CLASSES.get(named.name)
      if (!found) throw new RegexFault('unknown character class: expected one such as [:alpha:] or [:digit:]')
      ranges.push(...found)
      i = named.next
      continue
    }
    const low = readElement(chars, i)
    i = low.next
    if (chars[i] === '-' && chars[i + 1] !== ']' && chars[i + 1] !== undefined) {
      const high = readElement(chars, i + 1)
      if (high.code < low.code) throw new RegexFault('a range in brackets runs backwards')
      ranges.push([low.code, high.code])
      i = high.next
    } else {
      ranges.push([low.code, low.code])
    }
  }
}

/** Sorted and without overlap, so that a character is looked up by halving. */
function merge(ranges: readonly Range[]): Range[] {
  const merged: Range[] = []
  for (const range of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1)
    if (last && range[0] <= last[1] + 1) merged[merged.length - 1] = [last[0], Math.max(last[1], range[1])]
    else merged.push(range)
  }
  return merged
}

/** A character, or `[.x.]` or `[=x=]` of one character. */
function readElement(chars: readonly string[], from: number): { code: number; next: number } {
  const mark = chars[from + 1]
  if (chars[from] === '[' && (mark === '.' || mark === '=')) {
    const named = readNamed(chars, from, mark)
    const code = named.name.codePointAt(0)
    if (code === undefined || [...named.name].length !== 1)
      throw new RegexFault('unknown collating element in brackets')
    return { code, next: named.next }
  }
  return { code: chars[from]?.codePointAt(0) ?? 0, next: from + 1 }
}

const NAME_MOST = 16

function readNamed(chars: readonly string[], from: number, mark: string): { name: string; next: number } {
  for (let i = from + 2; i < chars.length && i < from + 2 + NAME_MOST; i++) {
    if (chars[i] === mark && chars[i + 1] === ']' && i > from + 2)
      return { name: chars.slice(from + 2, i).join(''), next: i + 2 }
  }
  throw new RegexFault(`"[${mark}" is never closed: expected "${mark}]"`)
}
