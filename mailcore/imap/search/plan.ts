import { bitOf } from '../flags'
import { lowerBound, normaliseRanges, type SequenceSet } from '../wire/sequence-set'
import type { Columns } from './columns'
import type { Key, Leaf } from './keys'
import { intersect, inverse, isMarked, type Marks, mark, markAll, markRange, marksFor, markWhere, unite } from './marks'
import { compareDay, needsKept, type TextLeaf } from './message'

/** What search keys may refer to beside the columns. */
export interface Surroundings {
  /** Sequence number n is uids[n - 1]. */
  uids: Uint32Array
  /** `$`, ascending (RFC 5182) */
  saved: Uint32Array
  /** ms since 1970 */
  now: number
  /** uids by stable id, for the ids that are searched for (RFC 8474) */
  emailIds?: ReadonlyMap<string, ReadonlySet<number>>
}

/**
 * A search brought to the messages of a folder: what the columns decide is decided; what is left are texts to be looked for. `known` of a
 * connective joins all of its branches that need no reading.
 */
export type Plan =
  | { kind: 'known'; marks: Marks }
  | { kind: 'text'; leaf: TextLeaf }
  | { kind: 'not'; plan: Plan }
  | { kind: 'and' | 'or'; known: Marks | undefined; rest: Plan[] }

/** Plans a search; stops after each key, where the worker may rest. Recursion is bounded by IMAP_LIMITS.nesting (see readProgram). */
export function* planOf(key: Key, columns: Columns, around: Surroundings): Generator<void, Plan> {
  const count = columns.uids.length
  switch (key.kind) {
    case 'sent':
    case 'header':
    case 'body':
    case 'text':
      return { kind: 'text', leaf: key }
    case 'not': {
      const plan = yield* planOf(key.key, columns, around)
      return plan.kind === 'known' ? { kind: 'known', marks: inverse(plan.marks, count) } : { kind: 'not', plan }
    }
    case 'and':
    case 'or': {
      let known: Marks | undefined
      const rest: Plan[] = []
      for (const inner of key.keys) {
        const plan = yield* planOf(inner, columns, around)
        if (plan.kind !== 'known') rest.push(plan)
        else if (known === undefined) known = plan.marks
        else if (key.kind === 'and') intersect(known, plan.marks)
        else unite(known, plan.marks)
      }
      if (rest.length === 0) return { kind: 'known', marks: known ?? marksFor(count) }
      // Cheap ones first, so that they may spare the rest.
      rest.sort((a, b) => costOf(a) - costOf(b))
      return { kind: key.kind, known, rest }
    }
    default: {
      const marks = marksOf(key, columns, around)
      yield
      return { kind: 'known', marks }
    }
  }
}

function costOf(plan: Plan): number {
  switch (plan.kind) {
    case 'known':
      return 0
    case 'text':
      return needsKept(plan.leaf) ? 1 : 2
    case 'not':
      return costOf(plan.plan)
    case 'and':
    case 'or':
      return 3
  }
}

/** Does something in the plan need the kept fields? */
export function asksKept(plan: Plan): boolean {
  switch (plan.kind) {
    case 'known':
      return false
    case 'text':
      return needsKept(plan.leaf)
    case 'not':
      return asksKept(plan.plan)
    case 'and':
    case 'or':
      return plan.rest.some(asksKept)
  }
}

/** Does message `i` match? `look` decides texts; undefined: not known yet. */
export function decide(plan: Plan, i: number, look: (leaf: TextLeaf) => boolean | undefined): boolean | undefined {
  switch (plan.kind) {
    case 'known':
      return isMarked(plan.marks, i)
    case 'text':
      return look(plan.leaf)
    case 'not': {
      const match = decide(plan.plan, i, look)
      return match === undefined ? undefined : !match
    }
    case 'and':
    case 'or': {
      // One such branch settles it: false for AND, true for OR.
      const settles = plan.kind === 'or'
      if (plan.known && isMarked(plan.known, i) === settles) return settles
      let open = false
      for (const inner of plan.rest) {
        const match = decide(inner, i, look)
        if (match === settles) return settles
        if (match === undefined) open = true
      }
      return open ? undefined : !settles
    }
  }
}

type ColumnLeaf = Exclude<Leaf, TextLeaf>

function marksOf(leaf: ColumnLeaf, columns: Columns, around: Surroundings): Marks {
  const count = columns.uids.length
  switch (leaf.kind) {
    case 'all':
      return markAll(count)
    case 'flag': {
      const bit = bitOf(leaf.name, columns.keywords)
      const { flags } = columns
      return bit === 0 ? marksFor(count) : markWhere(count, (i) => ((flags[i] ?? 0) & bit) !== 0)
    }
    case 'set':
      return marksOfSet(leaf.set, leaf.byUid, columns, around)
    case 'day': {
      const column = columns[leaf.column]
      return markWhere(count, (i) => compareDay(leaf.is, column[i] ?? 0, leaf.day))
    }
    case 'size': {
      const { sizes } = columns
      return leaf.is === 'larger'
        ? markWhere(count, (i) => (sizes[i] ?? 0) > leaf.bytes)
        : markWhere(count, (i) => (sizes[i] ?? 0) < leaf.bytes)
    }
    case 'within': {
      // RFC 5032: by INTERNALDATE, the end of the interval included on both sides.
      const { receivedAt } = columns
      const from = around.now - leaf.seconds * 1000
      return leaf.is === 'younger'
        ? markWhere(count, (i) => (receivedAt[i] ?? 0) >= from)
        : markWhere(count, (i) => (receivedAt[i] ?? 0) <= from)
    }
    case 'modseq': {
      const { modseqs } = columns
      return markWhere(count, (i) => (modseqs[i] ?? 0) >= leaf.least)
    }
    case 'email-id': {
      const uids = around.emailIds?.get(leaf.id)
      return uids ? markWhere(count, (i) => uids.has(columns.uids[i] ?? 0)) : marksFor(count)
    }
  }
}

/** What a set names; what does not exist is passed over, by sequence number too, so that `1:*` finds nothing in an empty mailbox. */
function marksOfSet(set: SequenceSet, byUid: boolean, columns: Columns, around: Surroundings): Marks {
  const marks = marksFor(columns.uids.length)
  if (set.saved) {
    markThese(marks, columns.uids, around.saved)
    return marks
  }
  const last = byUid ? (around.uids.at(-1) ?? 0) : around.uids.length
  for (const [a, b] of normaliseRanges(set.ranges, last)) {
    if (byUid) markRange(marks, lowerBound(columns.uids, a), lowerBound(columns.uids, b + 1))
    else if (columns.uids === around.uids) markRange(marks, Math.max(a, 1) - 1, Math.min(b, last))
    else markThese(marks, columns.uids, around.uids.subarray(Math.max(a, 1) - 1, Math.min(b, last)))
  }
  return marks
}

/** Marks those uids; both ascending. */
function markThese(marks: Marks, uids: Uint32Array, these: Uint32Array): void {
  let at = lowerBound(uids, these[0] ?? 0)
  for (const uid of these) {
    while (at < uids.length && (uids[at] ?? 0) < uid) at++
    if (uids[at] === uid) mark(marks, at)
  }
}

/** The stable ids a search names. */
export function emailIdsIn(key: Key): string[] {
  const ids: string[] = []
  const waiting: Key[] = [key]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (next.kind === 'email-id') ids.push(next.id)
    else if (next.kind === 'not') waiting.push(next.key)
    else if (next.kind === 'and' || next.kind === 'or') for (const inner of next.keys) waiting.push(inner)
  }
  return ids
}
