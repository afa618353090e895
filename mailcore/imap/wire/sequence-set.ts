/** A sequence set as written (RFC 9051 section 9, sequence-set): ranges of numbers, `*` as Infinity; or `$`, the saved search result. */
export type SequenceSet =
  | { readonly saved: true }
  | { readonly saved: false; readonly ranges: readonly (readonly [number, number])[] }

const MOST = 4_294_967_295

/** Parses a sequence set; undefined for what is none: 0, leading zeros, numbers over 32 bits, empty parts. */
export function parseSequenceSet(text: string): SequenceSet | undefined {
  if (text === '$') return { saved: true }
  const ranges: [number, number][] = []
  for (const part of text.split(',')) {
    const colon = part.indexOf(':')
    const a = parseNumber(colon < 0 ? part : part.slice(0, colon))
    const b = colon < 0 ? a : parseNumber(part.slice(colon + 1))
    if (a === undefined || b === undefined) return undefined
    ranges.push(a < b ? [a, b] : [b, a])
  }
  return { saved: false, ranges }
}

function parseNumber(text: string): number | undefined {
  if (text === '*') return Number.POSITIVE_INFINITY
  if (!/^[1-9][0-9]{0,9}$/.test(text)) return undefined
  const value = Number(text)
  return value <= MOST ? value : undefined
}

/** Ranges in order, none touching another, with `*` taken as `last`: `5:*` is `last:5` where that is less (RFC 9051 6.4.9). */
export function normaliseRanges(ranges: readonly (readonly [number, number])[], last: number): [number, number][] {
  const sorted = ranges
    .map(([a, b]): [number, number] => {
      const x = a === Number.POSITIVE_INFINITY ? last : a
      const y = b === Number.POSITIVE_INFINITY ? last : b
      return x < y ? [x, y] : [y, x]
    })
    .sort((a, b) => a[0] - b[0])
  const merged: [number, number][] = []
  for (const range of sorted) {
    const before = merged[merged.length - 1]
    if (before && range[0] <= before[1] + 1) before[1] = Math.max(before[1], range[1])
    else merged.push(range)
  }
  return merged
}

/** The first index whose value is at least `value`, in an ascending column. */
export function lowerBound(values: ArrayLike<number>, value: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((values[middle] ?? 0) < value) low = middle + 1
    else high = middle
  }
  return low
}

/** The index of `value` in an ascending column, or -1. */
export function indexOf(values: ArrayLike<number>, value: number): number {
  const at = lowerBound(values, value)
  return values[at] === value ? at : -1
}

/** Ascending numbers as a set: `1:3,7`. Empty for none. */
export function formatSet(numbers: ArrayLike<number>): string {
  const parts: string[] = []
  for (let i = 0; i < numbers.length; ) {
    const first = numbers[i] ?? 0
    let last = first
    while (++i < numbers.length && numbers[i] === last + 1) last++
    parts.push(first === last ? String(first) : `${first}:${last}`)
  }
  return parts.join(',')
}
