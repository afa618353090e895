import { codeOf } from '#lib/errors'
import type { AccountId } from '#lib/ids'
import { createPendingSignIns } from '#mailcore/policy/sign-outs'
import type { MailStore, SignedIn } from '#mailcore/ports'
import type { Door } from './door'
import { REFUSAL_TEXT, refusalCode } from './refusal'
import type { Connection, Reply, Session } from './types'

/** What a session holds from sign-in to its end. */
interface Held {
  accountId: AccountId
  store?: MailStore
  unsubscribe?: () => void
  /** Why it must end, once it must; a sign-in that is still opening its store looks here. */
  ended?: string
}

const END_TEXT = {
  suspended: 'This account was suspended',
  password: 'The password was changed, please sign in again',
  terminated: 'This account was closed',
} as const

/** Opens an account's mail at sign-in, and lets go of its keys at the end, whichever comes first. */
export function createSessions(door: Door) {
  const held = new Map<Session, Held>()
  const pending = createPendingSignIns()

  const signIn = async (connection: Connection, username: string, password: string): Promise<Reply> => {
    const { session } = connection
    const attempt = pending.begin()
    try {
      const result = await door.directory.signIn({ username, password, protocol: 'imap', peer: session.remoteAddress })
      if (!result.ok) return refusal(result)
      if (attempt.overtaken(result.account.accountId)) return refusal({ reason: 'credentials' })
      return await open(connection, result.account)
    } catch (error) {
      const code = refusalCode(error)
      door.log.warn('imap.sign-in-failed', { session: session.id, code, cause: codeOf(error) })
      return { response: 'NO', code, message: REFUSAL_TEXT[code] }
    } finally {
      attempt.end()
    }
  }

  const open = async (connection: Connection, account: SignedIn): Promise<Reply> => {
    const { session } = connection
    const entry: Held = { accountId: account.accountId }
    held.set(session, entry)
    try {
      const store = await door.stores.open(account)
      entry.store = store
      entry.unsubscribe = await store.onChange(() => door.notifier.changed(session))
    } catch (error) {
      close(session)
      throw error
    }
    // The client hung up, or the account's sessions were ended, while the keys were being opened.
    if (held.get(session) !== entry || entry.ended !== undefined || !entry.store) {
      letGo(entry)
      held.delete(session)
      return { response: 'NO', code: 'UNAVAILABLE', message: entry.ended ?? 'The session is over' }
    }
    connection.setUser({ id: account.accountId, username: account.address, store: entry.store, told: new Map() })
    connection.state = 'Authenticated'
    connection.setupNotificationListener()
    door.log.info('imap.signed-in', { session: session.id, account: account.accountId, tenant: account.tenantId })
    return { response: 'OK', message: 'Signed in' }
  }

  const letGo = (entry: Held) => {
    entry.unsubscribe?.()
    entry.store?.close()
  }
  const close = (session: Session) => {
    const entry = held.get(session)
    held.delete(session)
    if (entry) letGo(entry)
  }
  const endAll = (accountId: AccountId, reason: keyof typeof END_TEXT) => {
    pending.signedOut(accountId)
    for (const [session, entry] of held) {
      if (entry.accountId !== accountId) continue
      entry.ended = END_TEXT[reason]
      door.notifier.end(session, END_TEXT[reason])
    }
  }
  return { signIn, close, endAll }
}

function refusal(
  result: { reason: 'credentials' | 'suspended' } | { reason: 'slow-down'; retryAfterS: number },
): Reply {
  switch (result.reason) {
    case 'credentials':
      return { response: 'NO', code: 'AUTHENTICATIONFAILED', message: 'Invalid credentials' }
    case 'suspended':
      return { response: 'NO', code: 'CONTACTADMIN', message: 'This account may not sign in at the moment' }
    case 'slow-down':
      return {
        response: 'NO',
        code: 'LIMIT',
        message: `Too many failed attempts; try again in ${Math.ceil(result.retryAfterS)} seconds`,
      }
  }
}

/** The mail of a signed-in session. imap-core calls handlers only after login. */
export function storeOf(session: Session): MailStore {
  if (!session.user) throw new Error('not signed in')
  return session.user.store
}

/** Was the selected folder opened with EXAMINE? */
export function isReadOnly({ selected }: Session): boolean {
  if (!selected) return false
  return selected.readOnly
}
