/** The filter worker's port: who has mail that waits for a Sieve script. */
import type { AccountRef } from './mail-store'

/** Whose mail waits for a script, over all regions this process may reach. */
export interface IntakeFeed {
  /** Those who have waited longest first, at most `most` in each region. */
  pending(most: number): Promise<AccountRef[]>
  /** Calls back when mail has come in for a script; `onGap` when such calls may have been missed. */
  onArrival(listener: (account: AccountRef) => void, onGap: () => void): Promise<() => Promise<void>>
  /**
   * Runs `work` while no other worker, of whatever process, works for the account. False, without having run it, when one does.
   * The turn ends with the process that holds it, however it ends.
   */
  inTurn(account: AccountRef, work: () => Promise<void>): Promise<boolean>
}
