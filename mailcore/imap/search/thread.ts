import { type Command, ok } from '../command'
import { numbersOf } from './columns'
import { walk } from './pace'
import { readProgram } from './parse'
import { searching } from './searching'
import { formatThreads } from './thread-tree'
import { ALGORITHMS, threadsOf } from './threads'

/** THREAD and UID THREAD (RFC 5256 section 3). */
export const threadCommand = (byUid: boolean): Command => ({
  states: ['selected'],
  tells: byUid ? 'all' : 'no-expunge',
  bySequence: !byUid,
  parse(cursor) {
    cursor.space()
    const word = cursor.word()
    const algorithm = ALGORITHMS.find((one) => one === word) ?? cursor.fail('Unknown threading algorithm')
    cursor.space()
    const charset = cursor.astring().toUpperCase()
    cursor.space()
    const program = readProgram(cursor, charset)
    return (session) =>
      searching(session, { program, byUid }, async ({ selected, source, columns, at, rhythm }) => {
        const threads = await threadsOf(algorithm, source, columns, at, rhythm)
        const text = await walk(formatThreads(threads, numbersOf(selected, columns, at, byUid)), rhythm)
        session.untagged(text === '' ? 'THREAD' : `THREAD ${text}`)
        return ok('Thread completed')
      })
  },
})
