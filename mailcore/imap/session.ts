import { codeOf, Fault } from '#lib/errors'
import type { AccountId, FolderId } from '#lib/ids'
import type { Log } from '#lib/log'
import type { Output } from '#mailcore/door/output'
import type { DoorSession } from '#mailcore/door/session'
import type { Entrance, SignIns } from '#mailcore/door/sign-in'
import type { Directory, FolderView, MailStore, MailStores } from '#mailcore/ports'
import { SYSTEM_FLAGS } from './flags'
import { IMAP_LIMITS } from './limits'
import type { Selected, Telling } from './selected'
import { lowerBound } from './wire/sequence-set'

/** What every session of the door works with. */
export interface ImapDoor {
  directory: Directory
  stores: MailStores
  signIns: SignIns
  log: Log
  hostname: string
  startTls(session: DoorSession): Promise<void>
}

/** Extensions a client may switch on (RFC 5161), in capitals. */
export type Enabled =
  | 'CONDSTORE'
  | 'QRESYNC'
  | 'UTF8=ACCEPT'
  | 'IMAP4REV2'
  | 'UIDONLY'
  | 'METADATA'
  | 'METADATA-SERVER'
  | 'LIST-METADATA'

/** Hears of every commit in a folder of the account, also those of other processes. */
export type FolderListener = (folder: FolderId) => void

/** One client's IMAP session: a class, since it lives as long as its connection. Commands act through it. */
export class Session {
  readonly imap: ImapDoor
  readonly door: DoorSession
  readonly out: Output
  readonly enabled = new Set<Enabled>()
  entrance: Entrance | undefined
  selected: Selected | undefined
  /** The tag of the command under way. */
  tag = ''
  /** Goodbye was said: nothing more is read or written. */
  over = false
  failedSignIns = 0
  /** May changes be told at any moment: in IDLE, or as NOTIFY asked? */
  #live = false
  /** What NOTIFY lets be told of the selected mailbox between commands (RFC 5465 6.1); it outlasts the mailbox. */
  #watch: Telling | undefined
  /** NOTIFY wants to hear more of messages that came (RFC 5465 5.2): called after their EXISTS. */
  onArrival: ((uids: Uint32Array) => Promise<void>) | undefined
  readonly #between: (() => Promise<void>)[] = []
  #busy = false
  #dirty = false
  #pushing: Promise<void> | undefined
  readonly #folderListeners = new Set<FolderListener>()
  readonly #shared = new Map<AccountId, MailStore>()
  readonly #atEnd = new Set<() => void>()
  #progressAt = 0

  constructor(imap: ImapDoor, door: DoorSession) {
    this.imap = imap
    this.door = door
    this.out = door.output
  }

  get state(): 'new' | 'signed-in' | 'selected' {
    if (!this.entrance) return 'new'
    return this.selected ? 'selected' : 'signed-in'
  }

  /** The account's own mail. */
  get store(): MailStore {
    if (!this.entrance) throw new Fault('UNAUTHENTICATED', 'Sign in first.')
    return this.entrance.store
  }

  /** The selected mailbox; commands that ask for it run only in that state. */
  get mailbox(): Selected {
    if (!this.selected) throw new Fault('BAD_REQUEST', 'Select a mailbox first.')
    return this.selected
  }

  /** Names and strings go as UTF-8 (RFC 9755, RFC 9051). */
  get wide(): boolean {
    return this.enabled.has('UTF8=ACCEPT') || this.enabled.has('IMAP4REV2')
  }

  get rev2(): boolean {
    return this.enabled.has('IMAP4REV2')
  }

  get keepsModseq(): boolean {
    return this.enabled.has('CONDSTORE') || this.enabled.has('QRESYNC')
  }

  get uidOnly(): boolean {
    return this.enabled.has('UIDONLY')
  }

  /** What goes is told as VANISHED, not EXPUNGE (RFC 7162 3.2.10, RFC 9586). */
  get vanishes(): boolean {
    return this.enabled.has('QRESYNC') || this.uidOnly
  }

  /** The beginning of a FETCH response, with its parenthesis. */
  fetchPrefix(sequence: number, uid: number): string {
    return this.uidOnly ? `* ${uid} UIDFETCH (` : `* ${sequence} FETCH (`
  }

  /** UID in a FETCH nobody asked for, where clients rely on it (RFC 7162 3.2.5, RFC 9051 7.5.2). */
  unsolicitedUid(uid: number): string {
    return !this.uidOnly && (this.enabled.has('QRESYNC') || this.rev2) ? `UID ${uid} ` : ''
  }

  /** Sends an untagged line. */
  untagged(text: string): void {
    this.out.text(`* ${text}\r\n`)
  }

  /** FLAGS and PERMANENTFLAGS of a mailbox. */
  tellFlags(selected: Selected): void {
    const keywords = [...selected.view.keywords.values()].map((name) => ` ${name}`).join('')
    this.untagged(`FLAGS (${SYSTEM_FLAGS}${keywords})`)
    const more = selected.view.keywords.size < 24 ? ' \\*' : ''
    const permanent = selected.readOnly || !/[stw]/.test(selected.rights) ? '' : `${SYSTEM_FLAGS}${keywords}${more}`
    this.untagged(`OK [PERMANENTFLAGS (${permanent})] Flags that are kept`)
  }

  /** Another account's mail, for folders it shares with this one; open until the session ends. */
  async sharedStore(owner: AccountId): Promise<MailStore> {
    const known = this.#shared.get(owner)
    if (known) return known
    const { entrance } = this
    const { tenantId, region } = this.store.account
    const store = await this.imap.stores.open({ tenantId, region, accountId: owner })
    const raced = this.#shared.get(owner)
    if (raced || this.entrance !== entrance) {
      store.close()
      if (raced) return raced
      throw new Fault('UNAUTHENTICATED', 'Sign in first.')
    }
    this.#shared.set(owner, store)
    this.atEnd(this.imap.directory.onSignOut((account, reason) => this.#ownerGone(owner, account, reason)))
    const unsubscribe = await store.onChange((folder) => this.changed(folder))
    // Left while the feed was being opened: nothing would end it any more.
    if (this.entrance !== entrance) {
      unsubscribe()
      throw new Fault('UNAUTHENTICATED', 'Sign in first.')
    }
    this.atEnd(unsubscribe)
    return store
  }

  /** The keys of an account that ends must not stay open with those it shared folders with. A suspended owner's folders stay shared. */
  #ownerGone(owner: AccountId, account: AccountId, reason: 'suspended' | 'password' | 'terminated'): void {
    if (account !== owner || reason !== 'terminated') return
    const store = this.#shared.get(owner)
    this.#shared.delete(owner)
    if (store && this.selected?.store === store) this.goodbye('The owner of this mailbox has left', 'NOPERM')
    store?.close()
  }

  /** Called when the session ends or is unauthenticated. */
  atEnd(work: () => void): void {
    this.#atEnd.add(work)
  }

  /** Begins the signed-in life. */
  async enter(entrance: Entrance): Promise<void> {
    this.entrance = entrance
    this.atEnd(await entrance.store.onChange((folder) => this.changed(folder)))
  }

  /** Lets go of everything that belongs to an account: at the end, and at UNAUTHENTICATE (RFC 8437). */
  leave(): void {
    for (const work of this.#atEnd) work()
    this.#atEnd.clear()
    this.#folderListeners.clear()
    for (const store of this.#shared.values()) store.close()
    this.#shared.clear()
    this.entrance?.release()
    this.entrance = undefined
    this.selected = undefined
    this.enabled.clear()
    this.#live = false
    this.#watch = undefined
    this.onArrival = undefined
    this.#between.length = 0
    this.#dirty = false
  }

  onFolderChange(listener: FolderListener): () => void {
    this.#folderListeners.add(listener)
    return () => this.#folderListeners.delete(listener)
  }

  /** A folder of the account, or of one that shares with it, was changed by someone. */
  changed(folder: FolderId): void {
    if (this.selected?.folderId === folder) {
      this.#dirty = true
      this.#wake()
    }
    for (const listener of this.#folderListeners) listener(folder)
  }

  /** May changes of the selected mailbox be told between commands (IDLE, NOTIFY)? */
  set live(live: boolean) {
    this.#live = live
    if (live) this.#wake()
  }

  get live(): boolean {
    return this.#live
  }

  set watch(telling: Telling | undefined) {
    this.#watch = telling
    this.#wake()
  }

  /** What may be told of the selected mailbox with no command under way. */
  get #telling(): Telling | undefined {
    return this.#live ? 'all' : this.#watch
  }

  /** Runs `work`, which may tell something of its own, as soon as no command is under way: now, or when it has ended. */
  between(work: () => Promise<void>): void {
    this.#between.push(work)
    this.#wake()
  }

  #wake(): void {
    if (this.#busy || this.#pushing || this.over) return
    const tells = this.#dirty && this.selected !== undefined && this.#telling !== undefined
    if (!tells && this.#between.length === 0) return
    this.#pushing = this.#push().finally(() => {
      this.#pushing = undefined
      this.#wake()
    })
  }

  async #push(): Promise<void> {
    while (!this.#busy && this.#dirty && this.selected && this.#telling) {
      const { selected } = this
      this.#dirty = false
      try {
        const view = await selected.store.view(selected.folderId)
        const telling = this.#telling
        if (this.#busy || !telling || this.selected !== selected) {
          this.#dirty = true
          break
        }
        await this.#tell(selected, view, telling)
        await this.out.flush()
      } catch (error) {
        this.#lost(error)
        break
      }
    }
    for (let work = this.#between.shift(); work; work = this.#busy ? undefined : this.#between.shift()) {
      try {
        await work()
        await this.out.flush()
      } catch (error) {
        this.imap.log.warn('imap.updates-failed', { session: this.door.id, cause: codeOf(error) })
      }
    }
  }

  async #tell(selected: Selected, view: FolderView, telling: Telling): Promise<void> {
    if (!(await this.stillAllowed())) return
    const last = selected.uids.at(-1) ?? 0
    selected.tell(this, view, telling)
    await selected.settle()
    if (!this.onArrival || this.selected !== selected) return
    const from = lowerBound(selected.uids, last + 1)
    if (from < selected.uids.length) await this.onArrival(selected.uids.subarray(from))
  }

  /** Another account's mailbox stays open only as long as its owner allows it: asked before every act on it. */
  async stillAllowed(): Promise<boolean> {
    const { selected, entrance } = this
    if (!selected || !entrance || selected.store === entrance.store) return true
    selected.rights = await entrance.store.rightsOn(selected.folderId)
    if (selected.rights.includes('r')) return true
    this.goodbye('The owner no longer shares this mailbox', 'NOPERM')
    return false
  }

  /** The selected mailbox can no longer be read. */
  #lost(error: unknown): void {
    if (error instanceof Fault && error.code === 'NOT_FOUND') {
      this.goodbye('The selected mailbox was deleted')
      return
    }
    this.imap.log.warn('imap.updates-failed', { session: this.door.id, cause: codeOf(error) })
  }

  /** Ends the session from our side. */
  goodbye(text: string, code?: string): void {
    if (this.over) return
    this.over = true
    this.untagged(`BYE ${code === undefined ? '' : `[${code}] `}${text}`)
    this.door.close()
  }

  /** Runs one command with no change told in between. */
  async exclusively<R>(work: () => Promise<R>): Promise<R> {
    this.#busy = true
    try {
      await this.#pushing
      return await work()
    } finally {
      this.#busy = false
      this.#wake()
    }
  }

  /** Lets changes be told while a command waits for the client (IDLE), until `until` resolves. */
  async openly<R>(until: Promise<R>): Promise<R> {
    const before = this.#live
    this.#busy = false
    this.live = true
    try {
      return await until
    } finally {
      this.#busy = true
      this.#live = before
      await this.#pushing
    }
  }

  /**
   * Brings the selected mailbox up to date and tells what may be told. `fresh` asks the database (NOOP, I-N1); else only when something is
   * known to have changed.
   */
  async sync(telling: Telling, fresh = false): Promise<void> {
    const { selected } = this
    if (!selected || this.over) return
    try {
      if (fresh || this.#dirty) {
        this.#dirty = false
        const view = await selected.store.view(selected.folderId)
        if (this.selected === selected) await this.#tell(selected, view, telling)
        if (selected.differs(view)) this.#dirty = true
        return
      }
      // What another session of this process did is known already, at no cost.
      const view = selected.store.knownView(selected.folderId)
      if (view && selected.differs(view)) await this.#tell(selected, view, telling)
    } catch (error) {
      this.#lost(error)
    }
  }

  /** Begins a piece of work that may be long; `progress` then tells the client now and then that it goes on (RFC 9585). */
  beginWork(): void {
    this.#progressAt = Date.now() + IMAP_LIMITS.progressMs
  }

  progress(done: number, total?: number): void {
    const now = Date.now()
    if (now < this.#progressAt) return
    this.#progressAt = now + IMAP_LIMITS.progressMs
    const goal = total === undefined ? '' : ` ${total}`
    this.untagged(`OK [INPROGRESS ("${this.tag.replace(/["\\]/g, '\\$&')}" ${done}${goal})] Still working`)
    this.out.push()
  }
}
