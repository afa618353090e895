/** A set of messages by their place in the columns: bit i stands for message i. */
export type Marks = Uint32Array

export const marksFor = (count: number): Marks => new Uint32Array((count + 31) >>> 5)

export const isMarked = (marks: Marks, i: number): boolean => (((marks[i >>> 5] ?? 0) >>> (i & 31)) & 1) === 1

export function mark(marks: Marks, i: number): void {
  marks[i >>> 5] = (marks[i >>> 5] ?? 0) | (1 << (i & 31))
}

/** Marks [from, to). */
export function markRange(marks: Marks, from: number, to: number): void {
  let i = from
  for (; i < to && (i & 31) !== 0; i++) mark(marks, i)
  for (; i + 32 <= to; i += 32) marks[i >>> 5] = 0xffffffff
  for (; i < to; i++) mark(marks, i)
}

/** Marks every message for which `test` holds. A word at a time: two thousand keys over a large folder spend their time here. */
export function markWhere(count: number, test: (i: number) => boolean): Marks {
  const marks = marksFor(count)
  for (let at = 0, word = 0; at < count; at += 32, word++) {
    const end = Math.min(at + 32, count)
    let bits = 0
    for (let i = at; i < end; i++) if (test(i)) bits |= 1 << (i & 31)
    marks[word] = bits
  }
  return marks
}

export function markAll(count: number): Marks {
  const marks = marksFor(count)
  markRange(marks, 0, count)
  return marks
}

/** Those of `count` messages that are not marked. */
export function inverse(marks: Marks, count: number): Marks {
  const other = marks.map((word) => ~word)
  if (count & 31) other[other.length - 1] = (other[other.length - 1] ?? 0) & ((1 << (count & 31)) - 1)
  return other
}

/** Leaves in `into` what both hold. */
export function intersect(into: Marks, marks: Marks): void {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] ?? 0) & (marks[i] ?? 0)
}

/** Adds `marks` to `into`. */
export function unite(into: Marks, marks: Marks): void {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] ?? 0) | (marks[i] ?? 0)
}
