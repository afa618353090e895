import { IMAP_LIMITS } from '../limits'
import type { Selected, ViewListener } from '../selected'
import type { Session } from '../session'
import { quote } from '../wire/format'
import { formatSet } from '../wire/sequence-set'
import { columnsFor } from './columns'
import { find, type Source } from './find'
import type { Key } from './keys'
import { pace, run } from './pace'
import { decide, emailIdsIn, planOf } from './plan'

/** Sorted results longer than these are not kept up to date: each change sorts them again (RFC 5267 4.3.1 lets us refuse). */
export const SORTED_MOST = 20_000

/** A searching command whose results are kept up to date (RFC 5267 4.3). */
export interface Watch {
  tag: string
  byUid: boolean
  key: Key
  /** `$` as it was when the command was given */
  saved: Uint32Array
  /** uids found, in their order */
  uids: Uint32Array
  /** For SORT: finds and sorts anew. */
  again?: () => Promise<Uint32Array>
}

const watched = new WeakMap<Selected, Map<string, Watched>>()

/** The contexts of a selected mailbox by their tags; they end with it. */
function contextsOf(selected: Selected): Map<string, Watched> {
  const known = watched.get(selected)
  if (known) return known
  const made = new Map<string, Watched>()
  watched.set(selected, made)
  return made
}

export const isWatched = (selected: Selected, tag: string): boolean => contextsOf(selected).has(tag)

/** Keeps a result up to date; false beyond the ceiling. */
export function watch(session: Session, selected: Selected, what: Watch): boolean {
  const contexts = contextsOf(selected)
  if (contexts.size >= IMAP_LIMITS.contexts || (what.again && what.uids.length > SORTED_MOST)) return false
  const context = what.again
    ? new SortWatch(session, selected, what, what.again)
    : new SearchWatch(session, selected, what)
  contexts.set(what.tag, { stop: selected.listen(context), context })
  return true
}

/** Ends contexts (CANCELUPDATE); false, with none ended, when one of the tags names none. */
export function unwatch(selected: Selected, tags: readonly string[]): boolean {
  const contexts = contextsOf(selected)
  if (!tags.every((tag) => contexts.has(tag))) return false
  for (const tag of tags) {
    contexts.get(tag)?.stop()
    contexts.delete(tag)
  }
  return true
}

interface Watched {
  stop: () => void
  context: Listener
}

/**
 * What a context does beside hearing changes. `leaving` is called before EXPUNGE is told, while sequence numbers still count what goes (RFC 5267
 * 4.3.4); `settle` after changes were told, for what takes reading.
 */
interface Listener extends ViewListener {
  leaving(uids: ArrayLike<number>): void
  settle(): Promise<void>
}

/** Tells everything of the mailbox's contexts that took reading to know. */
export async function settleContexts(selected: Selected): Promise<void> {
  const contexts = watched.get(selected)
  if (!contexts) return
  for (const { context } of [...contexts.values()]) await context.settle()
}

const response = (what: Watch, changes: string): string =>
  `ESEARCH (TAG ${quote(what.tag)})${what.byUid ? ' UID' : ''}${changes}`

const ascending = (uids: Iterable<number>): Uint32Array => Uint32Array.from(uids).sort()

/** A SEARCH kept up to date: positions are 0, as results stand in mailbox order. A class, since it lives as long as the mailbox is selected. */
class SearchWatch implements Listener {
  readonly #session: Session
  readonly #selected: Selected
  readonly #what: Watch
  readonly #members: Set<number>
  /** Messages whose texts must be read before we know. */
  readonly #open = new Set<number>()

  constructor(session: Session, selected: Selected, what: Watch) {
    this.#session = session
    this.#selected = selected
    this.#what = what
    this.#members = new Set(what.uids)
  }

  added(uids: ArrayLike<number>): void {
    this.#look(uids)
  }

  changed(uids: ArrayLike<number>): void {
    this.#look(uids)
  }

  leaving(uids: ArrayLike<number>): void {
    this.#drop(uids, true)
  }

  gone(uids: ArrayLike<number>): void {
    // Without sequence numbers there is nothing left to call them; the client hears of them by EXPUNGE alone.
    this.#drop(uids, this.#what.byUid)
  }

  #drop(uids: ArrayLike<number>, tell: boolean): void {
    const out = Array.from(uids).filter((uid) => this.#members.delete(uid))
    for (const uid of Array.from(uids)) this.#open.delete(uid)
    if (tell) this.#tell(out, [])
  }

  #around() {
    return { uids: this.#selected.uids, saved: this.#what.saved, now: Date.now() }
  }

  #look(uids: ArrayLike<number>): void {
    const columns = columnsFor(this.#selected.view, uids)
    const { key } = this.#what
    if (emailIdsIn(key).length > 0) {
      for (const uid of columns.uids) this.#open.add(uid)
      return
    }
    const plan = run(planOf(key, columns, this.#around()))
    const matching: number[] = []
    const others: number[] = []
    for (const [i, uid] of columns.uids.entries()) {
      const match = decide(plan, i, () => undefined)
      if (match === undefined) this.#open.add(uid)
      else (match ? matching : others).push(uid)
    }
    this.#take(matching, others)
  }

  #take(matching: readonly number[], others: readonly number[]): void {
    const out = others.filter((uid) => this.#members.delete(uid))
    const added = matching.filter((uid) => !this.#members.has(uid))
    for (const uid of added) this.#members.add(uid)
    this.#tell(out, added)
  }

  #tell(out: readonly number[], added: readonly number[]): void {
    let changes = ''
    if (out.length > 0) changes += ` REMOVEFROM (0 ${this.#set(out)})`
    if (added.length > 0) changes += ` ADDTO (0 ${this.#set(added)})`
    if (changes !== '') this.#session.untagged(response(this.#what, changes))
  }

  #set(uids: readonly number[]): string {
    return formatSet(ascending(this.#what.byUid ? uids : uids.map((uid) => this.#selected.sequenceOf(uid))))
  }

  async settle(): Promise<void> {
    if (this.#open.size === 0) return
    const uids = ascending(this.#open)
    this.#open.clear()
    const columns = columnsFor(this.#selected.view, uids)
    const source: Source = { store: this.#selected.store, folder: this.#selected.folderId }
    const found = await find(source, this.#what.key, columns, this.#around(), pace())
    const matching = new Set(Array.from(found, (i) => columns.uids[i] ?? 0))
    this.#take(
      [...matching],
      [...columns.uids].filter((uid) => !matching.has(uid)),
    )
  }
}

/** A SORT kept up to date: positions count from 1 in the wanted order. */
class SortWatch implements Listener {
  readonly #session: Session
  readonly #selected: Selected
  readonly #what: Watch
  readonly #again: () => Promise<Uint32Array>
  #uids: Uint32Array
  #stale = false

  constructor(session: Session, selected: Selected, what: Watch, again: () => Promise<Uint32Array>) {
    this.#session = session
    this.#selected = selected
    this.#what = what
    this.#again = again
    this.#uids = what.uids
  }

  added(): void {
    this.#stale = true
  }

  changed(): void {
    this.#stale = true
  }

  leaving(uids: ArrayLike<number>): void {
    this.#drop(new Set(Array.from(uids)), true)
  }

  gone(uids: ArrayLike<number>): void {
    this.#drop(new Set(Array.from(uids)), this.#what.byUid)
  }

  #drop(out: ReadonlySet<number>, tell: boolean): void {
    const before = this.#uids
    this.#uids = before.filter((uid) => !out.has(uid))
    if (tell) this.#tell(before, out, this.#uids, new Set())
  }

  async settle(): Promise<void> {
    if (!this.#stale) return
    this.#stale = false
    const before = this.#uids
    const after = await this.#again()
    this.#uids = after
    const had = new Set(before)
    const has = new Set(after)
    this.#tell(
      before,
      new Set([...before].filter((uid) => !has.has(uid))),
      after,
      new Set([...after].filter((uid) => !had.has(uid))),
    )
  }

  /** What sorts a message never changes, so that those that stay keep their order. */
  #tell(before: Uint32Array, out: ReadonlySet<number>, after: Uint32Array, added: ReadonlySet<number>): void {
    let changes = ''
    if (out.size > 0) changes += this.#pairs('REMOVEFROM', before, out, true)
    if (added.size > 0) changes += this.#pairs('ADDTO', after, added, false)
    if (changes !== '') this.#session.untagged(response(this.#what, changes))
  }

  /** Each run of neighbours with its position at the moment it is taken out or put in. */
  #pairs(word: string, order: Uint32Array, these: ReadonlySet<number>, removing: boolean): string {
    const pairs: string[] = []
    let removed = 0
    for (let i = 0; i < order.length; i++) {
      if (!these.has(order[i] ?? 0)) continue
      const from = i
      while (i < order.length && these.has(order[i] ?? 0)) i++
      const uids = order.subarray(from, i)
      const numbers = this.#what.byUid ? uids : uids.map((uid) => this.#selected.sequenceOf(uid))
      pairs.push(`${from + 1 - removed} ${formatSet(numbers)}`)
      if (removing) removed += i - from
    }
    return pairs.length === 0 ? '' : ` ${word} (${pairs.join(' ')})`
  }
}
