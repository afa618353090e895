import type { FolderId } from '#lib/ids'
import type { Output } from '#mailcore/door/output'
import type { FolderView, MailStore } from '#mailcore/ports'
import { flagText } from './flags'
import { formatSet, indexOf, lowerBound, normaliseRanges, type SequenceSet } from './wire/sequence-set'

/** What may be told at the moment: see Command.tells. */
export type Telling = 'all' | 'no-expunge'

const NONE = new Uint32Array(0)

/** How this client wants to be told; a Session is one. */
export interface Told {
  readonly out: Output
  readonly keepsModseq: boolean
  readonly vanishes: boolean
  fetchPrefix(sequence: number, uid: number): string
  unsolicitedUid(uid: number): string
  tellFlags(selected: Selected): void
}

/**
 * The mailbox a session has selected: which message each sequence number means to this client, and how much of what happened it has been told.
 * The messages themselves stand in the view that all sessions of the process share; at rest a session holds only references to it.
 */
export class Selected {
  readonly store: MailStore
  readonly folderId: FolderId
  /** The name under which it was selected. */
  readonly name: string
  readonly readOnly: boolean
  /** Rights of RFC 4314 that this account has here. */
  rights: string
  /** Sequence number n is uids[n - 1]. Shared with the view as long as both agree. */
  uids: Uint32Array
  view: FolderView
  /** Every uid below it has been told of. */
  #toldUidNext: number
  /** Flag changes up to this mod-sequence have been told. */
  #toldModseq: number
  /** Changes this session made itself and needs not hear of: uid and the mod-sequence it was given. */
  readonly #own = new Map<number, number>()
  /** The result of SEARCH RETURN (SAVE), uids ascending (RFC 5182). */
  saved: Uint32Array = NONE
  #knownFlags: string

  constructor(options: { store: MailStore; name: string; readOnly: boolean; rights: string; view: FolderView }) {
    this.store = options.store
    this.name = options.name
    this.readOnly = options.readOnly
    this.rights = options.rights
    this.view = options.view
    this.folderId = options.view.folder.id
    this.uids = options.view.uids
    this.#toldUidNext = options.view.folder.uidNext
    this.#toldModseq = Number(options.view.folder.highestModseq)
    this.#knownFlags = keywordNames(options.view)
  }

  get count(): number {
    return this.uids.length
  }

  /** The sequence number of a uid, 0 where this client knows none. */
  sequenceOf(uid: number): number {
    return indexOf(this.uids, uid) + 1
  }

  /** May a client with these rights do this here? */
  may(right: string): boolean {
    return this.rights.includes(right)
  }

  /**
   * The uids a set names, ascending, as this client numbers them. By sequence number: BAD when a number is beyond the last message
   * (RFC 9051 6.4.5 and 9: "shall be interpreted as an error"); by uid: what does not exist is passed over.
   */
  resolve(set: SequenceSet, byUid: boolean): Uint32Array | 'beyond' {
    if (set.saved) return this.#stillKnown(this.saved)
    const { uids } = this
    const last = byUid ? (uids[uids.length - 1] ?? 0) : uids.length
    if (
      !byUid &&
      set.ranges.some(([a, b]) => (Number.isFinite(b) ? b > last : last === 0 || (a > last && Number.isFinite(a))))
    )
      return 'beyond'
    const ranges = normaliseRanges(set.ranges, last)
    const spans: [number, number][] = []
    let total = 0
    for (const [a, b] of ranges) {
      const from = byUid ? lowerBound(uids, a) : Math.max(a, 1) - 1
      const to = byUid ? lowerBound(uids, b + 1) : Math.min(b, uids.length)
      if (to <= from) continue
      spans.push([from, to])
      total += to - from
    }
    const only = spans[0]
    if (only && spans.length === 1) return uids.subarray(only[0], only[1])
    const found = new Uint32Array(total)
    let at = 0
    for (const [from, to] of spans) {
      found.set(uids.subarray(from, to), at)
      at += to - from
    }
    return found
  }

  #stillKnown(uids: Uint32Array): Uint32Array {
    return uids.filter((uid) => indexOf(this.uids, uid) >= 0)
  }

  /** Notes changes the session made itself, so that they are not told again. */
  ownChanges(uids: readonly number[], modseq: number | undefined): void {
    if (modseq === undefined) return
    for (const uid of uids) this.#own.set(uid, modseq)
  }

  /** Are there changes in `view` that this client has not been told? */
  differs(view: FolderView): boolean {
    return view.uids !== this.uids || Number(view.folder.highestModseq) > this.#toldModseq
  }

  /**
   * Takes over a newer view and tells the client the difference: what went (VANISHED once QRESYNC or UIDONLY is enabled), what came, whose flags
   * changed. With 'no-expunge', what went keeps its number and waits, and with it what came after, since a client that keeps mod-sequences would
   * otherwise believe it had heard all before them (RFC 7162 3.2.5).
   */
  tell(session: Told, view: FolderView, telling: Telling): void {
    // Views of one folder only grow; a late answer must not take us back.
    if (view.folder.highestModseq < this.view.folder.highestModseq) return
    this.view = view
    const before = this.#toldUidNext
    if (view.uids !== this.uids) {
      const gone = missing(this.uids, view.uids)
      if (gone.length > 0 && telling === 'no-expunge') {
        if (!session.keepsModseq) this.#tellNew(session, view, gone)
        return
      }
      if (gone.length > 0) this.#tellGone(session, gone)
      this.#tellNew(session, view, NONE)
    }
    this.#tellFlags(session, view, before)
    this.#toldModseq = Number(view.folder.highestModseq)
    this.#own.clear()
  }

  #tellGone(session: Told, gone: Uint32Array): void {
    for (const listener of this.#listeners) listener.leaving?.(gone)
    if (session.vanishes) session.out.text(`* VANISHED ${formatSet(gone)}\r\n`)
    else {
      // From the last to the first, so that no number told here shifts another.
      for (let i = gone.length - 1; i >= 0; i--) session.out.text(`* ${this.sequenceOf(gone[i] ?? 0)} EXPUNGE\r\n`)
    }
    this.uids = without(this.uids, gone)
    if (this.saved.length > 0) this.saved = without(this.saved, gone)
    for (const listener of this.#listeners) listener.gone?.(gone)
  }

  #tellNew(session: Told, view: FolderView, stillNumbered: Uint32Array): void {
    const from = lowerBound(view.uids, this.#toldUidNext)
    const added = view.uids.length - from
    if (stillNumbered.length === 0) this.uids = view.uids
    else if (added > 0) {
      const uids = new Uint32Array(this.uids.length + added)
      uids.set(this.uids)
      uids.set(view.uids.subarray(from), this.uids.length)
      this.uids = uids
    }
    this.#toldUidNext = Math.max(this.#toldUidNext, view.folder.uidNext)
    if (added > 0) {
      session.out.text(`* ${this.uids.length} EXISTS\r\n`)
      for (const listener of this.#listeners) listener.added?.(view.uids.subarray(from))
    }
  }

  /** Of messages told of just now by EXISTS (`from` and above) the flags are news to nobody who has not asked for them. */
  #tellFlags(session: Told, view: FolderView, from: number): void {
    const highest = Number(view.folder.highestModseq)
    if (highest <= this.#toldModseq) return
    const changed: number[] = []
    for (let i = 0; i < view.uids.length; i++) {
      const modseq = view.modseqs[i] ?? 0
      if (modseq <= this.#toldModseq) continue
      const uid = view.uids[i] ?? 0
      if (uid >= from) continue
      changed.push(uid)
      if (this.#own.get(uid) === modseq) continue
      this.#tellKeywords(session, view)
      session.out.text(
        `${session.fetchPrefix(this.sequenceOf(uid), uid)}${session.unsolicitedUid(uid)}FLAGS (${flagText(view, i)})${session.keepsModseq ? ` MODSEQ (${modseq})` : ''})\r\n`,
      )
    }
    if (changed.length > 0) for (const listener of this.#listeners) listener.changed?.(changed)
  }

  /** FLAGS and PERMANENTFLAGS again when the folder has learned a keyword (RFC 9051 7.3.5). */
  #tellKeywords(session: Told, view: FolderView): void {
    const known = keywordNames(view)
    if (known === this.#knownFlags) return
    this.#knownFlags = known
    session.tellFlags(this)
  }

  readonly #listeners = new Set<ViewListener>()

  /** Lets those who listen finish what the last telling began. */
  async settle(): Promise<void> {
    for (const listener of [...this.#listeners]) await listener.settle?.()
  }

  /** Hears of what is told: searches that are kept up to date (RFC 5267). */
  listen(listener: ViewListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

/** uids, ascending. */
export interface ViewListener {
  /** Before EXPUNGE is told, while sequence numbers still count what goes (RFC 5267 4.3.4). */
  leaving?(uids: ArrayLike<number>): void
  added?(uids: ArrayLike<number>): void
  gone?(uids: ArrayLike<number>): void
  changed?(uids: ArrayLike<number>): void
  /** After all was told: what takes reading. */
  settle?(): Promise<void>
}

const keywordNames = (view: FolderView): string => [...view.keywords.values()].join(' ')

/** Those of `known` that `now` lacks; both ascending. */
export function missing(known: Uint32Array, now: Uint32Array): Uint32Array {
  const gone: number[] = []
  let at = 0
  for (let i = 0; i < known.length; i++) {
    const uid = known[i] ?? 0
    while (at < now.length && (now[at] ?? 0) < uid) at++
    if (now[at] !== uid) gone.push(uid)
  }
  return gone.length === 0 ? NONE : Uint32Array.from(gone)
}

/** `uids` without those of `gone`; both ascending. */
export function without(uids: Uint32Array, gone: Uint32Array): Uint32Array {
  const left = new Uint32Array(uids.length)
  let n = 0
  let at = 0
  for (let i = 0; i < uids.length; i++) {
    const uid = uids[i] ?? 0
    while (at < gone.length && (gone[at] ?? 0) < uid) at++
    if (gone[at] !== uid) left[n++] = uid
  }
  return left.subarray(0, n)
}
