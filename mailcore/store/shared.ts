import { selectView, selectViewChanges } from '#db/mail/queries/view'
import { Fault } from '#lib/errors'
import type { AccountId, FolderId } from '#lib/ids'
import type { MailboxKeys } from '#mailcore/keys/service'
import type { FolderView } from '#mailcore/ports'
import { openKeyword } from '#mailcore/store/folder-names'
import type { MetaCache } from '#mailcore/store/meta-cache'
import { FolderMeta } from '#mailcore/store/metadata'
import { type MailSession, noFolder, toFolder } from '#mailcore/store/session'
import { nextView, sameFolder, type ViewNames, wholeView } from '#mailcore/store/view'

/** One folder as the sessions of this process know it. */
interface HeldFolder {
  view?: FolderView
  /** The read under way. */
  running?: Promise<FolderView>
  /** The read that starts when that one is done: for those who asked after it had started. */
  next?: Promise<FolderView>
}

/**
 * What this process holds in clear of one account, shared by all its sessions: the open keys and the views of folders. Dropped when the last of them ends.
 */
export class SharedAccount {
  readonly keys: MailboxKeys
  readonly #folders = new Map<FolderId, HeldFolder>()
  readonly #meta = new Map<FolderId, FolderMeta>()
  readonly #cache: MetaCache

  constructor(keys: MailboxKeys, cache: MetaCache) {
    this.keys = keys
    this.#cache = cache
  }

  /** The folder's metadata, as far as it is open here. */
  meta(folder: FolderId): FolderMeta {
    let meta = this.#meta.get(folder)
    if (!meta) {
      meta = new FolderMeta(this.#cache, folder)
      this.#meta.set(folder, meta)
    }
    return meta
  }

  known(folder: FolderId): FolderView | undefined {
    return this.#folders.get(folder)?.view
  }

  /** The folder as it is now. Callers share a read only when it started after they asked: a view shows all that was committed before the call. */
  view(s: MailSession, folder: FolderId): Promise<FolderView> {
    let held = this.#folders.get(folder)
    if (!held) {
      held = {}
      this.#folders.set(folder, held)
    }
    const at = held
    if (!at.running) {
      at.running = this.#read(s, folder, at)
      return at.running
    }
    at.next ??= at.running
      .catch(() => undefined)
      .then(() => {
        at.next = undefined
        at.running = this.#read(s, folder, at)
        return at.running
      })
    return at.next
  }

  /** A view that knows of every message up to `uid`: the one known, as a rule. */
  async viewPast(s: MailSession, folder: FolderId, uid: number): Promise<FolderView> {
    const known = this.known(folder)
    return known && known.folder.uidNext > uid ? known : this.view(s, folder)
  }

  /** Takes in a newer view of a folder, put together by whoever changed it; returns the newest known. */
  learn(folder: FolderId, view: FolderView): FolderView {
    const held = this.#folders.get(folder)
    if (!held) {
      this.#folders.set(folder, { view })
      return view
    }
    const known = held.view
    if (known && known.folder.highestModseq > view.folder.highestModseq) return known
    // The same state read twice: sessions compare columns by reference, so the first one stays.
    if (known && known.folder.highestModseq === view.folder.highestModseq && sameFolder(known.folder, view.folder))
      return known
    held.view = view
    return view
  }

  async #read(s: MailSession, folder: FolderId, held: HeldFolder): Promise<FolderView> {
    // A turn of its own, so that the caller has noted the read as running.
    await undefined
    try {
      const view = await readView(s, folder, held.view)
      return this.learn(folder, view)
    } catch (error) {
      if (error instanceof Fault && error.code === 'NOT_FOUND') {
        held.view = undefined
        this.#folders.delete(folder)
        this.#meta.get(folder)?.drop()
        this.#meta.delete(folder)
      }
      throw error
    } finally {
      held.running = undefined
    }
  }

  /** Forgets everything in clear. */
  drop(): void {
    for (const meta of this.#meta.values()) meta.drop()
    this.#meta.clear()
    this.#folders.clear()
  }
}

const namesFor = (s: MailSession): ViewNames => ({
  folder: (row) => toFolder(s, row),
  keyword: (row, sealed) => openKeyword(s.keys, s, row.id, sealed),
})

/** Reads what happened since `base`, or the whole folder; throws NOT_FOUND. */
async function readView(s: MailSession, folderId: FolderId, base: FolderView | undefined): Promise<FolderView> {
  const at = { tenantId: s.tenantId, accountId: s.accountId, folderId }
  const names = namesFor(s)
  if (base) {
    const have = Number(base.folder.highestModseq)
    const [[row]] = await s.db.pipeline(s.tenantId, (sql) => [selectViewChanges(sql, at, have)])
    if (!row) throw noFolder()
    const view = nextView(base, row, names)
    if (view) return view
  }
  const [[row]] = await s.db.pipeline(s.tenantId, (sql) => [selectView(sql, at)])
  if (!row) throw noFolder()
  return wholeView(row, names)
}

/** The accounts that sessions of this process have open. */
export class SharedAccounts {
  readonly #accounts = new Map<AccountId, { shared: SharedAccount; sessions: number }>()
  readonly #cache: MetaCache

  constructor(cache: MetaCache) {
    this.#cache = cache
  }

  /** Joins the account's sessions; `leave` must be called once. `keys` are those just read: sessions share the first ones while they are the same. */
  join(account: AccountId, keys: MailboxKeys): { shared: SharedAccount; leave: () => void } {
    let held = this.#accounts.get(account)
    if (!held?.shared.keys.nameKey.equals(keys.nameKey) || held.shared.keys.version !== keys.version) {
      held = { shared: new SharedAccount(keys, this.#cache), sessions: 0 }
      this.#accounts.set(account, held)
    }
    const joined = held
    joined.sessions++
    return {
      shared: joined.shared,
      leave: () => {
        joined.sessions--
        if (joined.sessions > 0) return
        joined.shared.drop()
        if (this.#accounts.get(account) === joined) this.#accounts.delete(account)
      },
    }
  }
}
