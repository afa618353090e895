import type { Databases } from '#db/client'
import { codeOf } from '#lib/errors'
import type { AccountId, FolderId, RegionId } from '#lib/ids'
import type { Log } from '#lib/log'

type Listener = (folder: FolderId) => void

/**
 * What changed where, as the databases announce it: one subscription per region and process, fanned out to the sessions of each account.
 * After a lost connection every listener is told to look, since an announcement may have been missed.
 */
export class ChangeHub {
  readonly #db: Databases
  readonly #log: Log
  readonly #regions = new Map<RegionId, Promise<unknown>>()
  readonly #listeners = new Map<AccountId, Set<Listener>>()
  readonly #watched = new Map<AccountId, Set<FolderId>>()

  constructor(db: Databases, log: Log) {
    this.#db = db
    this.#log = log
  }

  /** Calls `listener` after each commit that touched a folder of the account, by whichever process. */
  async subscribe(region: RegionId, account: AccountId, listener: Listener): Promise<() => void> {
    let listening = this.#regions.get(region)
    if (!listening) {
      listening = this.#listen(region)
      this.#regions.set(region, listening)
      listening.catch(() => this.#regions.delete(region))
    }
    await listening
    const listeners = this.#listeners.get(account) ?? new Set()
    listeners.add(listener)
    this.#listeners.set(account, listeners)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) {
        this.#listeners.delete(account)
        this.#watched.delete(account)
      }
    }
  }

  #listen(region: RegionId): Promise<unknown> {
    return this.#db.mail(region).listen(
      'mail',
      (payload) => {
        const [account, folder] = payload.split(' ')
        if (account && folder) this.#tell(account as AccountId, folder as FolderId)
      },
      () => {
        this.#log.info('change feed resumed', { region })
        for (const [account, folders] of this.#watched) for (const folder of folders) this.#tell(account, folder)
      },
    )
  }

  /** Remembers that someone of the account looks at this folder, so that a gap in the feed can be made good. */
  watch(account: AccountId, folder: FolderId): void {
    if (!this.#listeners.has(account)) return
    const folders = this.#watched.get(account) ?? new Set()
    folders.add(folder)
    this.#watched.set(account, folders)
  }

  #tell(account: AccountId, folder: FolderId): void {
    for (const listener of this.#listeners.get(account) ?? []) {
      try {
        listener(folder)
      } catch (error) {
        this.#log.warn('change listener failed', { code: codeOf(error) })
      }
    }
  }
}
