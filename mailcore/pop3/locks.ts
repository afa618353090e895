import type { AccountId } from '#lib/ids'

export interface MaildropLocks {
  /** Takes the account's maildrop, or says that another session has it. Give it back with `release`. */
  take(account: AccountId): boolean
  release(account: AccountId): void
}

/**
 * The exclusive lock of RFC 1939 section 4: one session at a maildrop. It holds within this process, which is all there is while one process
 * serves POP3. With several a lock in the database is wanted in its place (a session-level advisory lock by account, on a connection that is
 * kept as long as the session, or a lease row): until then two sessions in two processes could list the same maildrop. That loses nothing,
 * since a message goes by its uid and once only; one of the two would find it gone.
 */
export function createMaildropLocks(): MaildropLocks {
  const held = new Set<AccountId>()
  return {
    take: (account) => {
      if (held.has(account)) return false
      held.add(account)
      return true
    },
    release: (account) => void held.delete(account),
  }
}
