import { bad, type Command, ok } from '../command'
import { unwatch } from './contexts'

/** CANCELUPDATE (RFC 5267 4.3.5): `CANCELUPDATE "B01" "B02"`. */
export const cancelUpdate: Command = {
  states: ['selected'],
  tells: 'all',
  parse(cursor) {
    const tags: string[] = []
    do {
      cursor.space()
      tags.push(cursor.string())
    } while (!cursor.atEnd)
    return async (session) =>
      unwatch(session.mailbox, tags) ? ok('There will be no more updates') : bad('No updates come under that tag')
  },
}
