import type { SequenceSet } from '../wire/sequence-set'

/** How a day is compared. */
export type DayTest = 'before' | 'on' | 'since'

/** A search key that holds no other (RFC 9051 6.4.4). */
export type Leaf =
  | { kind: 'all' }
  /** `name` as IMAP writes it: \Seen or a keyword */
  | { kind: 'flag'; name: string }
  | { kind: 'set'; set: SequenceSet; byUid: boolean }
  /** `day`: midnight UTC, ms since 1970 */
  | { kind: 'day'; column: 'receivedAt' | 'savedAt'; is: DayTest; day: number }
  | { kind: 'sent'; is: DayTest; day: number }
  | { kind: 'size'; is: 'larger' | 'smaller'; bytes: number }
  | { kind: 'within'; is: 'younger' | 'older'; seconds: number }
  | { kind: 'modseq'; least: number }
  | { kind: 'email-id'; id: string }
  /** `name` in small letters, `needle` folded (see fold), here and below */
  | { kind: 'header'; name: string; needle: string }
  | { kind: 'body'; needle: string }
  | { kind: 'text'; needle: string }

/** A search key. `depth`: how far keys stand within keys, chains of one connective not counted. */
export type Key =
  | Leaf
  | { kind: 'not'; key: Exclude<Key, { kind: 'not' }> }
  | { kind: 'and' | 'or'; keys: Key[]; depth: number }

export const depthOf = (key: Key): number =>
  key.kind === 'not' ? depthOf(key.key) : key.kind === 'and' || key.kind === 'or' ? key.depth : 0

export const negate = (key: Key): Key => (key.kind === 'not' ? key.key : { kind: 'not', key })

/**
 * Joins keys; those of the same kind are taken in, so that a thousand ORs within one another are one with a thousand branches. Takes over the
 * longest list it is given, which keeps it linear.
 */
export function join(kind: 'and' | 'or', keys: Key[]): Key {
  const only = keys[0]
  if (keys.length === 1 && only) return only
  let joined: Key[] | undefined
  for (const key of keys) if (key.kind === kind && key.keys.length > (joined?.length ?? 0)) joined = key.keys
  const into = joined ?? []
  let depth = 0
  for (const key of keys) {
    if (key.kind !== kind) {
      into.push(key)
      depth = Math.max(depth, depthOf(key) + 1)
      continue
    }
    depth = Math.max(depth, key.depth)
    if (key.keys !== joined) for (const one of key.keys) into.push(one)
  }
  return { kind, keys: into, depth }
}
