import { bad, type Command, ok } from '../command'
import { tellExtended, tellPlain } from './answer'
import { columnsOf } from './columns'
import { isWatched } from './contexts'
import { find } from './find'
import { pace } from './pace'
import { readProgram } from './parse'
import { readReturns } from './returns'
import { around, keepUpdated, searching } from './searching'
import { readSortKeys, sortPlaces } from './sort-keys'

/** SORT and UID SORT (RFC 5256 section 3, RFC 5957), with the options of ESORT (RFC 5267 section 3). */
export const sortCommand = (byUid: boolean): Command => ({
  states: ['selected'],
  tells: byUid ? 'all' : 'no-expunge',
  bySequence: !byUid,
  parse(cursor) {
    cursor.space()
    const returns = readReturns(cursor)
    const keys = readSortKeys(cursor)
    cursor.space()
    const charset = cursor.astring().toUpperCase()
    cursor.space()
    const program = readProgram(cursor, charset)
    return async (session) => {
      const selected = session.mailbox
      const { saved } = selected
      if (returns?.update && isWatched(selected, session.tag)) return bad('The tag is in use for updates')
      return await searching(session, { program, returns, byUid }, async (matching) => {
        const { source, columns, rhythm } = matching
        const found = { ...matching, at: await sortPlaces(source, columns, matching.at, keys, rhythm) }
        if (returns) tellExtended(found, returns)
        else tellPlain('SORT', found)
        if (returns?.update) {
          keepUpdated(found, program, saved, async () => {
            const columns = columnsOf(selected)
            const at = await find(source, program.key, columns, { ...around(selected), saved }, pace())
            const sorted = await sortPlaces(source, columns, at, keys, pace())
            return sorted.map((i) => columns.uids[i] ?? 0)
          })
        }
        return ok('Sort completed')
      })
    }
  },
})
