import { bad, type Command, ok } from '../command'
import { tellExtended, tellPlain } from './answer'
import { isWatched } from './contexts'
import { readCharset, readProgram } from './parse'
import { type Returns, readReturns } from './returns'
import { keepUpdated, searching } from './searching'

const PLAIN: Returns = {
  min: false,
  max: false,
  all: true,
  count: false,
  save: false,
  update: false,
  partial: undefined,
}

/** SEARCH and UID SEARCH (RFC 9051 6.4.4; options of RFC 4731, 5182, 5267 and 9394). */
export const searchCommand = (byUid: boolean): Command => ({
  states: ['selected'],
  tells: byUid ? 'all' : 'no-expunge',
  bySequence: !byUid,
  parse(cursor, session) {
    cursor.space()
    const returns = readReturns(cursor)
    const charset = readCharset(cursor)
    // "MUST NOT issue a SEARCH command that contains a charset specification" (RFC 9755 section 3).
    if (charset !== undefined && session.enabled.has('UTF8=ACCEPT'))
      cursor.fail('After UTF8=ACCEPT no charset is named')
    const program = readProgram(cursor, charset)
    return async (session) => {
      const { saved } = session.mailbox
      if (returns?.update && isWatched(session.mailbox, session.tag)) return bad('The tag is in use for updates')
      return await searching(session, { program, returns, byUid }, async (found) => {
        // With IMAP4rev2 every SEARCH is answered by ESEARCH (RFC 9051 6.4.4).
        if (returns || session.rev2) tellExtended(found, returns ?? PLAIN)
        else tellPlain('SEARCH', found)
        if (returns?.update) keepUpdated(found, program, saved)
        return ok('Search completed')
      })
    }
  },
})
