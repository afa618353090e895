import { Fault } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import type { Annotation } from '#mailcore/ports'
import { type Answer, type Command, ok, Refused } from '../command'
import { IMAP_LIMITS } from '../limits'
import { openMailbox } from '../mailboxes'
import type { Session } from '../session'
import type { Cursor } from '../wire/cursor'
import { readEntryName } from './metadata-entry'
import { metadataLine, readAnnotationsOf, readServerAnnotations, writeAnnotationsOf } from './metadata-values'
import { readMailbox } from './name'

interface Options {
  maxSize: number
  depth: 0 | 1 | 'infinity'
}

/** RFC 5464 section 4.2 */
export const getMetadata: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    cursor.space()
    const options: Options = { maxSize: Number.POSITIVE_INFINITY, depth: 0 }
    if (cursor.next === '(') {
      readOptions(cursor, options)
      cursor.space()
    }
    const name = readMailbox(cursor)
    cursor.space()
    // The grammar has the options before the mailbox, examples of the same RFC after it; clients follow both.
    if (cursor.sees('(MAXSIZE ') || cursor.sees('(DEPTH ')) {
      readOptions(cursor, options)
      cursor.space()
    }
    const entries = cursor.next === '(' ? cursor.list(() => readEntryName(cursor, true)) : [readEntryName(cursor, true)]
    if (entries.length === 0) cursor.fail('An entry was expected')
    if (entries.length > LIMITS.annotationsPerFolder) cursor.fail('Too many entries')
    return (session) => tellMetadata(session, name, [...new Set(entries)], options)
  },
}

function readOptions(cursor: Cursor, options: Options): void {
  cursor.list(() => {
    const word = cursor.word()
    cursor.space()
    if (word === 'MAXSIZE') options.maxSize = cursor.number()
    else if (word === 'DEPTH') options.depth = readDepth(cursor)
    else cursor.fail('Unknown option')
  })
}

function readDepth(cursor: Cursor): Options['depth'] {
  const depth = cursor.word()
  if (depth === '0') return 0
  if (depth === '1') return 1
  return depth === 'INFINITY' ? 'infinity' : cursor.fail('The depth is 0, 1 or infinity')
}

async function tellMetadata(session: Session, name: string, asked: string[], options: Options): Promise<Answer> {
  const ref = name === '' ? undefined : await openMailbox(session, name, 'r')
  const known = ref ? await readAnnotationsOf(session, ref) : await readServerAnnotations(session)
  // An entry asked for by name is answered also when it has no value.
  const values = new Map<string, Buffer | null>()
  for (const entry of asked) {
    values.set(entry, known.get(entry) ?? null)
    if (options.depth === 0) continue
    for (const [other, value] of known) {
      const below = other.startsWith(`${entry}/`) ? other.slice(entry.length + 1) : undefined
      if (below !== undefined && (options.depth === 'infinity' || !below.includes('/'))) values.set(other, value)
    }
  }
  let longest = 0
  for (const [entry, value] of values) {
    if (value === null || value.length <= options.maxSize) continue
    longest = Math.max(longest, value.length)
    values.delete(entry)
  }
  if (values.size > 0) {
    const pairs = [...values].map(([entry, value]) => ({ entry, value }))
    session.untagged(metadataLine(session, ref?.name ?? '', pairs))
  }
  return ok('Annotations', longest > 0 ? `METADATA LONGENTRIES ${longest}` : undefined)
}

/** RFC 5464 section 4.3 */
export const setMetadata: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    cursor.space()
    const name = readMailbox(cursor)
    cursor.space()
    const changes = cursor.list((): Annotation => {
      const entry = readEntryName(cursor)
      cursor.space()
      return { entry, value: readValue(cursor) }
    })
    if (changes.length === 0) cursor.fail('An entry was expected')
    return (session) => changeMetadata(session, name, changes)
  },
}

function readValue(cursor: Cursor): Buffer | null {
  if (cursor.atLiteral) return cursor.literal().data
  const text = cursor.nstring()
  return text === null ? null : Buffer.from(text, 'latin1')
}

async function changeMetadata(session: Session, name: string, changes: readonly Annotation[]): Promise<Answer> {
  if (changes.some(({ value }) => value !== null && value.length > IMAP_LIMITS.annotationBytes))
    throw new Refused('The value is too long.', `METADATA MAXSIZE ${IMAP_LIMITS.annotationBytes}`)
  const shared = changes.some(({ entry }) => entry.startsWith('/shared/'))
  try {
    if (name === '') {
      if (shared) throw new Refused('What the server says to everyone is set by its operator.', 'NOPERM')
      await session.store.setAnnotations(null, changes)
    } else {
      // What others will read takes the right to write, our own notes take that to read (RFC 5464 section 3.3 leaves the choice).
      await writeAnnotationsOf(session, await openMailbox(session, name, shared ? 'rw' : 'r'), changes)
    }
  } catch (error) {
    if (error instanceof Fault && error.code === 'LIMIT') throw new Refused(error.message, 'METADATA TOOMANY')
    throw error
  }
  return ok('Set')
}
