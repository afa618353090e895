import type { AccountId } from '#lib/ids'

/** A sign-in under way. */
export interface PendingSignIn {
  /** Was this account signed out since the sign-in began? Then the password it checked may be the one just taken away. */
  overtaken(account: AccountId): boolean
  /** Call once the session is known to the door, or refused. */
  end(): void
}

/** The sign-ins of one door that are under way, which a sign-out must reach as much as the sessions it finds. */
export interface PendingSignIns {
  begin(): PendingSignIn
  /** Tells every sign-in under way that this account was signed out. */
  signedOut(account: AccountId): void
}

/**
 * Between reading a password's hash and the session lies a slow hash, and a suspension or a new password that commits meanwhile finds no
 * session to end. Whoever signs in asks here, last of all and without waiting in between, whether that happened.
 */
export function createPendingSignIns(): PendingSignIns {
  const pending = new Set<Set<AccountId>>()
  return {
    begin: () => {
      const gone = new Set<AccountId>()
      pending.add(gone)
      return { overtaken: (account) => gone.has(account), end: () => pending.delete(gone) }
    },
    signedOut: (account) => {
      for (const gone of pending) gone.add(account)
    },
  }
}
