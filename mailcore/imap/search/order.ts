import type { Pace } from './pace'

/** So many are sorted in one go. */
const RUN = 4_096

/** Sorts places by `compare`, which must tell any two apart, resting in between: runs first, then merged two by two. */
export async function sortInTurns(
  places: Uint32Array,
  compare: (a: number, b: number) => number,
  rhythm: Pace,
): Promise<Uint32Array> {
  let from = places.slice()
  for (let at = 0; at < from.length; at += RUN) {
    from.subarray(at, at + RUN).sort(compare)
    if (rhythm.due()) await rhythm.rest()
  }
  let into = new Uint32Array(from.length)
  for (let width = RUN; width < from.length; width *= 2) {
    for (let at = 0; at < from.length; at += 2 * width) {
      let left = at
      let right = Math.min(at + width, from.length)
      const middle = right
      const end = Math.min(at + 2 * width, from.length)
      for (let i = at; i < end; i++) {
        const a = from[left] ?? 0
        const b = from[right] ?? 0
        into[i] = right >= end || (left < middle && compare(a, b) < 0) ? a : b
        if (into[i] === a && left < middle) left++
        else right++
        if ((i & 2047) === 0 && rhythm.due()) await rhythm.rest()
      }
    }
    ;[from, into] = [into, from]
  }
  return from
}
