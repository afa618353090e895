import { type Command, no, ok, Refused } from '../command'
import { openMailbox } from '../mailboxes'
import type { Session } from '../session'
import { formatMailbox } from '../wire/format'
import { readMailbox } from './name'

/** The one quota root: all mail of the account. The empty name means the same. */
const ROOT = 'User quota'

/** There is no ceiling on messages by their number: the largest a client can read is told (RFC 9208 section 5 asks for some limit). */
const MESSAGES_MOST = 4_294_967_295

async function tellQuota(session: Session, root: string): Promise<void> {
  const { usedBytes, limitBytes, messages } = await session.store.quota()
  // STORAGE counts 1024 bytes (RFC 9208 section 5.1).
  const storage = `STORAGE ${Math.ceil(usedBytes / 1024)} ${Math.floor(limitBytes / 1024)}`
  session.untagged(`QUOTA "${root}" (${storage} MESSAGE ${messages} ${MESSAGES_MOST})`)
}

/** RFC 9208 section 4.1.1 */
export const getQuota: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    cursor.space()
    const root = cursor.astring()
    return async (session) => {
      if (root !== '' && root !== ROOT) throw new Refused('There is no such quota root.', 'NONEXISTENT')
      await tellQuota(session, root)
      return ok('Quota')
    }
  },
}

/** RFC 9208 section 4.1.2. How full another's mail is remains theirs to know: a shared mailbox has no root here. */
export const getQuotaRoot: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    cursor.space()
    const name = readMailbox(cursor)
    return async (session) => {
      const ref = await openMailbox(session, name, 'r')
      session.untagged(`QUOTAROOT ${formatMailbox(ref.name, session.wide)}${ref.own ? ` "${ROOT}"` : ''}`)
      if (ref.own) await tellQuota(session, ROOT)
      return ok('Quota')
    }
  },
}

/** RFC 9208 section 4.1.3: set by the administrator, not over IMAP. */
export const setQuota: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    cursor.space()
    cursor.astring()
    cursor.space()
    cursor.list(() => {
      cursor.atom()
      cursor.space()
      cursor.number64()
    })
    return async () => no('The storage of an account is set by its administrator.', 'NOPERM')
  },
}
