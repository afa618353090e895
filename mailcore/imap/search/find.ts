import type { FolderId } from '#lib/ids'
import type { MailStore } from '#mailcore/ports'
import { lowerBound } from '../wire/sequence-set'
import type { Columns } from './columns'
import type { Key } from './keys'
import { isMarked } from './marks'
import { matchText, type ReadMessage } from './message'
import { type Pace, walk } from './pace'
import { asksKept, decide, emailIdsIn, type Plan, planOf, type Surroundings } from './plan'

/** Where texts are read. */
export interface Source {
  store: Pick<MailStore, 'metadata' | 'bodies' | 'emailIds'>
  folder: FolderId
}

/** Messages asked for their stable ids at a time. */
const IDS = 2_000

/**
 * The messages that match, as places in the columns, ascending. Columns decide what they can; then the kept fields of the messages still open
 * are read, and at last the bodies of those open even then.
 */
export async function find(
  source: Source,
  key: Key,
  columns: Columns,
  around: Omit<Surroundings, 'emailIds'>,
  rhythm: Pace,
): Promise<Uint32Array> {
  const emailIds = await readEmailIds(source, emailIdsIn(key), columns.uids)
  const plan = await walk(planOf(key, columns, { ...around, emailIds }), rhythm)
  const found: number[] = []
  if (plan.kind === 'known') {
    for (let i = 0; i < columns.uids.length; i++) if (isMarked(plan.marks, i)) found.push(i)
    return Uint32Array.from(found)
  }
  let open: number[] = []
  for (let i = 0; i < columns.uids.length; i++) {
    const match = decide(plan, i, () => undefined)
    if (match) found.push(i)
    else if (match === undefined) open.push(i)
    if ((i & 1023) === 0 && rhythm.due()) await rhythm.rest()
  }
  if (open.length > 0 && asksKept(plan)) open = await lookAtKept(source, plan, columns, open, found, rhythm)
  if (open.length > 0) await lookAtBodies(source, plan, columns, open, found, rhythm)
  return Uint32Array.from(found).sort()
}

async function readEmailIds(
  { store, folder }: Source,
  wanted: readonly string[],
  uids: Uint32Array,
): Promise<Map<string, Set<number>>> {
  const found = new Map(wanted.map((id) => [id, new Set<number>()]))
  if (found.size === 0) return found
  for (let at = 0; at < uids.length; at += IDS) {
    for (const [uid, id] of await store.emailIds(folder, uids.subarray(at, at + IDS))) found.get(id)?.add(uid)
  }
  return found
}

const uidsAt = (columns: Columns, at: readonly number[]): Uint32Array =>
  Uint32Array.from(at, (i) => columns.uids[i] ?? 0)

/** Decides by the kept fields; returns the places still open. */
async function lookAtKept(
  { store, folder }: Source,
  plan: Plan,
  columns: Columns,
  open: readonly number[],
  found: number[],
  rhythm: Pace,
): Promise<number[]> {
  const still: number[] = []
  let done = 0
  for await (const items of store.metadata(folder, uidsAt(columns, open), ['header'])) {
    let i = lowerBound(columns.uids, items[0]?.uid ?? 0)
    for (const { uid, header } of items) {
      while ((columns.uids[i] ?? uid) < uid) i++
      const message: ReadMessage = { kept: header }
      const match = decide(plan, i, (leaf) => matchText(leaf, message))
      if (match) found.push(i)
      else if (match === undefined) still.push(i)
      if ((++done & 63) === 0 && rhythm.due()) await rhythm.rest(done, open.length)
    }
  }
  return still
}

async function lookAtBodies(
  { store, folder }: Source,
  plan: Plan,
  columns: Columns,
  open: readonly number[],
  found: number[],
  rhythm: Pace,
): Promise<void> {
  let done = 0
  for await (const { uid, raw } of store.bodies(folder, uidsAt(columns, open))) {
    const i = lowerBound(columns.uids, uid)
    const message: ReadMessage = { raw }
    if (decide(plan, i, (leaf) => matchText(leaf, message))) found.push(i)
    done++
    if (rhythm.due()) await rhythm.rest(done, open.length)
  }
}
