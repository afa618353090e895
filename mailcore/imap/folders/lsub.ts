import { type Answer, type Command, ok } from '../command'
import type { Session } from '../session'
import { formatMailbox } from '../wire/format'
import { allEntries, type Entry, levelsAbove } from './entries'
import { matcherOf, matching, rootOf } from './list'

/** RFC 3501 6.3.9 */
export const lsub: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    cursor.space()
    const reference = cursor.mailbox()
    cursor.space()
    const pattern = cursor.listPattern()
    return (session) => tellSubscribed(session, reference, pattern)
  },
}

async function tellSubscribed(session: Session, reference: string, pattern: string): Promise<Answer> {
  const tell = (attributes: string, name: string) =>
    session.untagged(`LSUB (${attributes}) "/" ${formatMailbox(name, session.wide)}`)
  if (pattern === '') {
    tell('\\Noselect', rootOf(reference))
    return ok('Listed')
  }
  const entries = await allEntries(session)
  const subscribed = (entry: Entry | undefined) => entry?.ref?.folder.subscribed === true
  const told = await matching(
    [...entries.values()].filter((entry) => subscribed(entry)),
    matcherOf(reference, [pattern]),
  )
  // "foo" is told for "foo/bar" when % ends there: with \Noselect, since it is not itself subscribed.
  const above = new Set<Entry>()
  if (pattern.includes('%')) {
    for (const entry of entries.values()) {
      if (!subscribed(entry)) continue
      for (const level of levelsAbove(entry.name)) {
        const parent = entries.get(level)
        if (parent && !subscribed(parent)) above.add(parent)
      }
    }
  }
  const parents = await matching(above, matcherOf(reference, [pattern]))
  for (const entry of entries.values()) {
    if (told.has(entry)) tell('', entry.name)
    else if (parents.has(entry)) tell('\\Noselect', entry.name)
    if (session.out.full) await session.out.flush()
  }
  return ok('Listed')
}
