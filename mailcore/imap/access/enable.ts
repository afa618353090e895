import { type Command, ok } from '../command'
import type { Enabled } from '../session'

const KNOWN: ReadonlySet<string> = new Set<Enabled>([
  'CONDSTORE',
  'QRESYNC',
  'UTF8=ACCEPT',
  'IMAP4REV2',
  'UIDONLY',
  'METADATA',
  'METADATA-SERVER',
])

/** RFC 9051 6.3.1; words nobody knows are passed over. */
export const enable: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    const words: string[] = []
    do {
      cursor.space()
      words.push(cursor.word())
    } while (!cursor.atEnd)
    return async (session) => {
      // Also what was on already: a client that asks wants to read that it is on (RFC 9051 7.2.1, "successfully enabled").
      const switched = [...new Set(words.filter((word) => KNOWN.has(word)))]
      for (const word of switched) session.enabled.add(word as Enabled)
      // QRESYNC means CONDSTORE too (RFC 7162 3.2.3).
      if (session.enabled.has('QRESYNC')) session.enabled.add('CONDSTORE')
      session.untagged(`ENABLED${switched.map((word) => ` ${word === 'IMAP4REV2' ? 'IMAP4rev2' : word}`).join('')}`)
      return ok('Enabled')
    }
  },
}
