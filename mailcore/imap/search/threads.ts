import { baseSubject } from './base-subject'
import type { Columns } from './columns'
import type { Source } from './find'
import { sortKey } from './fold'
import { eachHeader } from './headers'
import { sentAt } from './message'
import { firstId, messageIds } from './message-ids'
import { sortInTurns } from './order'
import { type Pace, walk } from './pace'
import {
  joinBySubject,
  latest,
  sortChildren,
  sortThreads,
  type Thread,
  ThreadBuilder,
  type ThreadFacts,
} from './thread-tree'

export const ALGORITHMS = ['ORDEREDSUBJECT', 'REFERENCES', 'REFS'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

/** Puts messages (places of the columns, ascending) into threads, whose places are those in `at`. */
export async function threadsOf(
  algorithm: Algorithm,
  source: Source,
  columns: Columns,
  at: Uint32Array,
  rhythm: Pace,
): Promise<Thread[]> {
  const facts: ThreadFacts = {
    dates: Float64Array.from(at, (i) => columns.receivedAt[i] ?? 0),
    subjects: new Array<string>(at.length).fill(''),
    replies: new Array<boolean>(at.length).fill(false),
  }
  switch (algorithm) {
    case 'ORDEREDSUBJECT':
      await eachHeader(source, columns, at, ['date', 'subject'], (i, [d, s]) => note(facts, i, d, s), rhythm)
      return await bySubject(facts, rhythm)
    case 'REFERENCES': {
      const names = ['message-id', 'references', 'in-reply-to', 'date', 'subject']
      const roots = await byReferences(source, columns, at, names, facts, rhythm)
      await sortChildren(
        roots.filter(({ place }) => place < 0),
        facts.dates,
        rhythm,
      )
      const sorted = await sortThreads(roots, (root) => dateOf(root, facts.dates), rhythm)
      const joined = joinBySubject(sorted, facts)
      await sortChildren(joined, facts.dates, rhythm)
      return await sortThreads(joined, (root) => dateOf(root, facts.dates), rhythm)
    }
    case 'REFS': {
      // By arrival: nobody writes that but we. Subjects play no part (draft-ietf-morg-inthread).
      const names = ['message-id', 'references', 'in-reply-to']
      const roots = await byReferences(source, columns, at, names, facts, rhythm)
      await sortChildren(roots, facts.dates, rhythm)
      return await sortThreads(roots, (root) => latest(root, facts.dates), rhythm)
    }
  }
}

const dateOf = (root: Thread, dates: Float64Array): number =>
  dates[root.place < 0 ? (root.children[0]?.place ?? 0) : root.place] ?? 0

function note(facts: ThreadFacts, place: number, date: string | undefined, subject: string | undefined): void {
  const sent = date === undefined ? undefined : sentAt(date)
  if (sent !== undefined) facts.dates[place] = sent
  if (subject === undefined) return
  const base = baseSubject(subject)
  facts.subjects[place] = sortKey(base.text)
  facts.replies[place] = base.reply
}

async function byReferences(
  source: Source,
  columns: Columns,
  at: Uint32Array,
  names: readonly string[],
  facts: ThreadFacts,
  rhythm: Pace,
): Promise<Thread[]> {
  const builder = new ThreadBuilder()
  const seen = new Uint8Array(at.length)
  await eachHeader(
    source,
    columns,
    at,
    names,
    (place, [id, references, inReplyTo, date, subject]) => {
      seen[place] = 1
      note(facts, place, date, subject)
      let refs = references === undefined ? [] : messageIds(references)
      // "If there is no References header line, or it has no valid Message IDs, the first valid one of In-Reply-To" (RFC 5256).
      const parent = refs.length === 0 && inReplyTo !== undefined ? firstId(inReplyTo) : undefined
      if (parent !== undefined) refs = [parent]
      builder.add(place, id === undefined ? undefined : firstId(id), refs)
    },
    rhythm,
  )
  // What went while we read is still among the client's messages: it stands alone.
  for (let place = 0; place < at.length; place++) if (seen[place] === 0) builder.add(place, undefined, [])
  return await walk(builder.roots(), rhythm)
}

/** RFC 5256 section 3, ORDEREDSUBJECT: messages of one subject, the first of them the parent of the rest. */
async function bySubject(facts: ThreadFacts, rhythm: Pace): Promise<Thread[]> {
  const { dates, subjects } = facts
  const order = await sortInTurns(
    Uint32Array.from(subjects.keys()),
    (a, b) => (dates[a] ?? 0) - (dates[b] ?? 0) || a - b,
    rhythm,
  )
  // Roots come by date: each stands where its first message does.
  const roots = new Map<string, Thread>()
  for (const place of order) {
    const subject = subjects[place] ?? ''
    const root = roots.get(subject)
    if (root) root.children.push({ place, children: [] })
    else roots.set(subject, { place, children: [] })
  }
  return [...roots.values()]
}
