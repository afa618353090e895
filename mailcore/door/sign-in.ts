import { codeOf, toFault } from '#lib/errors'
import type { AccountId } from '#lib/ids'
import type { Log } from '#lib/log'
import { createPendingSignIns } from '#mailcore/policy/sign-outs'
import type { Directory, MailStore, MailStores, Protocol, SignedIn, SignInResult } from '#mailcore/ports'
import type { DoorSession } from './session'

export type Credentials = { username: string; password: string } | { username: string; token: string }

/** A signed-in account with its mail open, until `release` or the end of the session, whichever comes first. */
export interface Entrance {
  account: SignedIn
  store: MailStore
  release(): void
}

/** Why someone was not let in. One answer for an unknown name, a wrong password and a token of another. */
export type Refusal =
  | { reason: 'credentials' | 'suspended' | 'unavailable' }
  | { reason: 'slow-down'; retryAfterS: number }

export interface SignIns {
  signIn(
    session: DoorSession,
    credentials: Credentials,
  ): Promise<{ ok: true; entrance: Entrance } | ({ ok: false } & Refusal)>
  stop(): void
}

/** Signing in at a door of reading: opens an account's mail, ends its sessions when the directory says so, and lets go of the keys in every case. */
export function createSignIns(parts: {
  directory: Directory
  stores: MailStores
  protocol: Protocol
  log: Log
}): SignIns {
  const { directory, log, protocol } = parts
  const inside = new Map<DoorSession, { accountId: AccountId; store: MailStore | undefined }>()
  const pending = createPendingSignIns()
  const unsubscribe = directory.onSignOut((accountId, reason) => {
    pending.signedOut(accountId)
    for (const [session, held] of inside) if (held.accountId === accountId) session.end(reason)
  })

  const check = (session: DoorSession, credentials: Credentials): Promise<SignInResult> => {
    const common = { username: credentials.username, protocol, peer: session.peer }
    return 'token' in credentials
      ? directory.signInByToken({ ...common, token: credentials.token })
      : directory.signIn({ ...common, password: credentials.password })
  }
  const release = (session: DoorSession) => {
    const held = inside.get(session)
    inside.delete(session)
    held?.store?.close()
  }
  const enter = async (session: DoorSession, account: SignedIn): Promise<Entrance | null> => {
    // Entered before the keys are open, so that a sign-out in between finds it.
    const held = { accountId: account.accountId, store: undefined as MailStore | undefined }
    inside.set(session, held)
    void session.closed.then(() => release(session))
    try {
      held.store = await parts.stores.open(account)
    } catch (error) {
      inside.delete(session)
      throw error
    }
    if (session.isClosed || session.ending || inside.get(session) !== held) {
      held.store.close()
      inside.delete(session)
      return null
    }
    log.info(`${protocol}.signed-in`, { session: session.id, account: account.accountId, tenant: account.tenantId })
    return { account, store: held.store, release: () => release(session) }
  }

  return {
    signIn: async (session, credentials) => {
      const attempt = pending.begin()
      try {
        const result = await check(session, credentials)
        if (!result.ok) return result
        if (attempt.overtaken(result.account.accountId)) return { ok: false, reason: 'credentials' }
        const entrance = await enter(session, result.account)
        return entrance ? { ok: true, entrance } : { ok: false, reason: 'unavailable' }
      } catch (error) {
        log.warn(`${protocol}.sign-in-failed`, { session: session.id, code: toFault(error).code, cause: codeOf(error) })
        return { ok: false, reason: 'unavailable' }
      } finally {
        attempt.end()
      }
    },
    stop: unsubscribe,
  }
}

/** What to say to someone who is ended from our side. */
export const END_TEXT = {
  stopping: 'The server is restarting',
  idle: 'Nothing was heard from you for a long time',
  slow: 'You take too long',
  suspended: 'This account was suspended',
  password: 'The password was changed, please sign in again',
  terminated: 'This account was closed',
} as const
