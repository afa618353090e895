import { lowerBound } from '../wire/sequence-set'
import type { Columns } from './columns'
import type { Source } from './find'
import { fieldOf, type ReadMessage } from './message'
import type { Pace } from './pace'

/**
 * Reads some header fields of messages and calls `each` with the place of the message (an index into `at`) and the values, in the order of
 * `names`; ascending unless headers are too long to be kept whole, whose messages are read and told of last. Messages gone meanwhile are left out.
 */
export async function eachHeader(
  { store, folder }: Source,
  columns: Columns,
  at: ArrayLike<number>,
  names: readonly string[],
  each: (place: number, values: (string | undefined)[]) => void,
  rhythm: Pace,
): Promise<void> {
  const uids = Uint32Array.from({ length: at.length }, (_, i) => columns.uids[at[i] ?? 0] ?? 0)
  const incomplete: number[] = []
  let done = 0
  let place = 0
  for await (const items of store.metadata(folder, uids, ['header'])) {
    for (const { uid, header } of items) {
      while ((uids[place] ?? uid) < uid) place++
      const values = valuesOf(names, { kept: header })
      if (values) each(place, values)
      else incomplete.push(uid)
      if ((++done & 31) === 0 && rhythm.due()) await rhythm.rest(done, uids.length)
    }
  }
  if (incomplete.length === 0) return
  for await (const { uid, raw } of store.bodies(folder, incomplete)) {
    each(lowerBound(uids, uid), valuesOf(names, { raw }) ?? [])
    if (rhythm.due()) await rhythm.rest()
  }
}

/** Undefined when the kept fields do not tell all. */
function valuesOf(names: readonly string[], message: ReadMessage): (string | undefined)[] | undefined {
  const values: (string | undefined)[] = []
  for (const name of names) {
    const value = fieldOf(name, message)
    if (value === undefined) return undefined
    values.push(value ?? undefined)
  }
  return values
}
