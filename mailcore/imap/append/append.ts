import { failpoint } from '#lib/failpoint'
import type { NewMessage } from '#mailcore/ports'
import { type Answer, type Command, ok, withCodes, withRoom } from '../command'
import { isShared, OWNER_RIGHTS, openMailbox } from '../mailboxes'
import type { Session } from '../session'
import { formatSet } from '../wire/sequence-set'
import { type Incoming, readMessage } from './arguments'
import { compose } from './compose'

/** APPEND of one message or several (RFC 9051 6.3.12, RFC 3502): all of them, or none. */
export const append: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    cursor.space()
    const name = cursor.mailbox()
    cursor.space()
    const messages: Incoming[] = []
    do messages.push(readMessage(cursor))
    while (cursor.more())
    return (session) => appendMessages(session, name, messages)
  },
}

async function appendMessages(session: Session, name: string, incoming: readonly Incoming[]): Promise<Answer> {
  // A mailbox of one's own is looked up by the append itself, in the same round trip.
  const shared = isShared(name) ? await creatable(() => openMailbox(session, name, 'i')) : undefined
  const rights = shared?.rights ?? OWNER_RIGHTS
  const store = shared?.store ?? session.store
  const path = shared?.folder.path ?? name
  const placed = await withRoom(session, async (room) => {
    const messages: NewMessage[] = []
    for (const one of incoming) messages.push(await compose(session, one, { rights, room }))
    const [only] = messages
    return creatable(async () => {
      if (!only || messages.length > 1) return store.appendAll(path, messages)
      const { uid, ...rest } = await store.append(path, only)
      failpoint('after-append')
      return { ...rest, uids: [uid] }
    })
  })
  session.changed(placed.folderId)
  return ok('Appended', `APPENDUID ${placed.uidValidity} ${formatSet(placed.uids)}`)
}

/** A missing mailbox is named so that the client may create it (RFC 9051 6.3.12). */
export const creatable = <R>(work: () => Promise<R>): Promise<R> => withCodes({ NOT_FOUND: 'TRYCREATE' }, work)
