import { Fault } from '#lib/errors'
import { type Command, ok } from '../command'
import { openMailbox } from '../mailboxes'
import { readMailbox } from './name'

const command = (subscribed: boolean): Command => ({
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    cursor.space()
    const name = readMailbox(cursor)
    return async (session) => {
      // Whoever can see a mailbox may listen to it; a subscription ends with its mailbox, so a name that is not there has none.
      const ref = await openMailbox(session, name, 'l').catch((error: unknown) => {
        // Clients take back the subscription of what they have just deleted.
        if (!subscribed && error instanceof Fault && error.code === 'NOT_FOUND') return undefined
        throw error
      })
      if (!ref) return ok('Nothing was subscribed')
      const { own, folder } = ref
      if (own) await session.store.subscribe(folder.path, subscribed)
      else await session.store.subscribeShared(folder.id, subscribed)
      return ok(subscribed ? 'Subscribed' : 'Unsubscribed')
    }
  },
})

/** RFC 9051 6.3.7 */
export const subscribe = command(true)
/** RFC 9051 6.3.8 */
export const unsubscribe = command(false)
