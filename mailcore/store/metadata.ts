import { setImmediate as turn } from 'node:timers/promises'
import { fromRuns, selectContents } from '#db/mail/queries/message'
import { selectPages } from '#db/mail/queries/page'
import type { FolderId } from '#lib/ids'
import type { MetaColumn, MetaItem } from '#mailcore/ports'
import { type Column, columnOf, itemOf } from '#mailcore/store/columns'
import type { Batch, MetaCache } from '#mailcore/store/meta-cache'
import { META_COLUMNS, openColumn, PAGE_MESSAGES, pageKey, storePage } from '#mailcore/store/pages'
import { metaItems, openMetaPacked } from '#mailcore/store/sealing'
import type { MailSession } from '#mailcore/store/session'
import { lowerBound } from '#mailcore/store/view'

/** Messages looked up at a time: bounds what one reader holds beside the cache. */
const WINDOW = 1_024
/** Items in one answer of the iterator. */
const CHUNK = 256
/** Fewer missing messages than these are read as rows at once, without asking for pages first. */
const FEW = 16
/** Unpaged messages read by one reader from which on pages are made of them, and how many a page is worth being made for. */
const WORTH_PAGES = 128
const LEAST_IN_PAGE = 64
/** Small batches of rows are put together when there are so many: a folder read message by message stays quick to look through. */
const MOST_SMALL = 64
const SMALL = 32

/** What a reader holds while it answers: the cache may drop the batch meanwhile. */
interface Opened {
  uids: Uint32Array
  columns: Column[]
}

/** The rendered metadata of one folder, as far as it is open in memory, and the way to the rest. A class, since it lives while sessions hold the folder. */
export class FolderMeta {
  readonly #cache: MetaCache
  readonly #folder: FolderId
  #batches: Batch[] = []
  #building = false
  #dropped = false

  constructor(cache: MetaCache, folder: FolderId) {
    this.#cache = cache
    this.#folder = folder
  }

  /** See MailStore.metadata. `failed` is told when making pages failed, which harms nobody. */
  async *read(
    s: MailSession,
    uids: ArrayLike<number>,
    names: readonly MetaColumn[],
    failed: (error: unknown) => void,
  ): AsyncIterable<MetaItem[]> {
    const unpaged: Batch[] = []
    for (let at = 0; at < uids.length; at += WINDOW) {
      const window = Uint32Array.from({ length: Math.min(WINDOW, uids.length - at) }, (_, i) => uids[at + i] ?? 0)
      const found = new Located(window)
      for (const batch of this.#batches) {
        if (!found.wants(batch)) continue
        const opened = this.#open(batch, names)
        if (opened) found.take(opened)
      }
      if (found.missing > FEW) await this.#readPages(s, found, names)
      if (found.missing > 0) unpaged.push(...(await this.#readRows(s, found, names)))
      yield* found.items(names)
    }
    if (unpaged.reduce((sum, batch) => sum + batch.uids.length, 0) >= WORTH_PAGES)
      void this.#makePages(s, unpaged).catch(failed)
  }

  /** Forgets what is open. */
  drop(): void {
    this.#dropped = true
    for (const batch of this.#batches) this.#cache.drop(batch)
    this.#batches = []
  }

  #open(batch: Batch, names: readonly MetaColumn[]): Opened | undefined {
    const columns: Column[] = []
    for (const name of names) {
      const column = batch.columns.get(name)
      if (!column) return undefined
      columns.push(column)
    }
    for (const column of columns) this.#cache.touch(column)
    return { uids: batch.uids, columns }
  }

  async #readPages(s: MailSession, found: Located, names: readonly MetaColumn[]): Promise<void> {
    const range = found.missingRange()
    const complete = this.#batches.filter((batch) => names.every((name) => batch.columns.has(name)))
    const at = {
      tenantId: s.tenantId,
      folderId: this.#folder,
      ...range,
      except: complete.flatMap((batch) => (batch.pageId && found.covers(batch) ? [batch.pageId] : [])),
    }
    const [rows] = await s.db.pipeline(s.tenantId, (sql) => [selectPages(sql, at, names)])
    const key = pageKey(s.keys)
    for (const row of rows) {
      const ref = { tenantId: s.tenantId, accountId: s.accountId, folderId: this.#folder, id: row.id }
      const known = this.#batches.find((batch) => batch.pageId === row.id)
      const batch = known ?? { uids: Uint32Array.from(fromRuns(row.uidRuns)), pageId: row.id, columns: new Map() }
      if (!found.wants(batch)) continue
      const columns = names.map((name) => openColumn(key, ref, name, row[name] ?? Buffer.alloc(0)))
      found.take({ uids: batch.uids, columns })
      if (this.#dropped) continue
      if (!known) this.#batches.push(batch)
      for (const [i, name] of names.entries()) {
        const column = columns[i]
        if (column) this.#cache.put(batch, name, column)
      }
    }
    this.#tidy()
  }

  async #readRows(s: MailSession, found: Located, names: readonly MetaColumn[]): Promise<Batch[]> {
    const uids = found.missingUids()
    const at = { tenantId: s.tenantId, folderId: this.#folder, uids }
    const [rows] = await s.db.pipeline(s.tenantId, (sql) => [selectContents(sql, at, { meta: true, body: false })])
    const made: Batch[] = []
    for (let from = 0; from < rows.length; from += PAGE_MESSAGES) {
      if (from > 0) await turn() // opening 256 rows takes some milliseconds: others may have a turn
      const some = rows.slice(from, from + PAGE_MESSAGES)
      const items: Buffer[][] = META_COLUMNS.map(() => [])
      for (const row of some) {
        const ref = { tenantId: s.tenantId, accountId: s.accountId, emailId: row.emailId }
        const packed = openMetaPacked(s.keys.opener, ref, row.wrappedKey, row.meta ?? Buffer.alloc(0))
        for (const [i, item] of metaItems(packed).entries()) items[i]?.push(item)
      }
      const batch: Batch = { uids: Uint32Array.from(some, (row) => row.uid), pageId: null, columns: new Map() }
      const columns = new Map(META_COLUMNS.map((name, i) => [name, columnOf(items[i] ?? [])] as const))
      found.take({ uids: batch.uids, columns: names.flatMap((name) => columns.get(name) ?? []) })
      if (!this.#dropped) {
        this.#batches.push(batch)
        for (const [name, column] of columns) this.#cache.put(batch, name, column)
      }
      made.push(batch)
    }
    this.#tidy()
    return made
  }

  /** Lets go of batches the cache has emptied, and puts small ones together. */
  #tidy(): void {
    this.#batches = this.#batches.filter((batch) => batch.columns.size > 0)
    const small = this.#batches.filter((batch) => batch.pageId === null && batch.uids.length < SMALL)
    if (small.length < MOST_SMALL) return
    const all = small
      .flatMap((batch) => [...batch.uids].map((uid, i) => ({ uid, batch, i })))
      .sort((a, b) => a.uid - b.uid)
      .filter((one, i, sorted) => i === 0 || sorted[i - 1]?.uid !== one.uid)
    const merged: Batch = { uids: Uint32Array.from(all, ({ uid }) => uid), pageId: null, columns: new Map() }
    const columns = META_COLUMNS.map((name) => {
      const empty = Buffer.alloc(0)
      return [
        name,
        columnOf(
          all.map(({ batch, i }) => {
            const column = batch.columns.get(name)
            return column ? itemOf(column, i) : empty
          }),
        ),
      ] as const
    })
    for (const batch of small) this.#cache.drop(batch)
    this.#batches = [...this.#batches.filter((batch) => !small.includes(batch)), merged]
    for (const [name, column] of columns) this.#cache.put(merged, name, column)
  }

  /** Makes pages of rows that were just read, while their content is still at hand. One maker at a time. */
  async #makePages(s: MailSession, unpaged: readonly Batch[]): Promise<void> {
    if (this.#building) return
    this.#building = true
    try {
      const key = pageKey(s.keys)
      for (const batch of unpaged) {
        if (this.#dropped) return
        if (batch.uids.length < LEAST_IN_PAGE || batch.columns.size === 0) continue
        batch.pageId = await storePage(s, key, this.#folder, batch.uids, batch.columns)
        await turn()
      }
    } finally {
      this.#building = false
    }
  }
}

/** Where the messages of one window stand. */
class Located {
  readonly #uids: Uint32Array
  /** Number of the opened batch and position in it, by place in the window; -1 where not found. */
  readonly #batchOf: Int32Array
  readonly #position: Int32Array
  readonly #opened: Opened[] = []
  missing: number

  constructor(uids: Uint32Array) {
    this.#uids = uids
    this.#batchOf = new Int32Array(uids.length).fill(-1)
    this.#position = new Int32Array(uids.length)
    this.missing = uids.length
  }

  /** Does its range meet the window's? */
  covers(batch: { uids: Uint32Array }): boolean {
    return (batch.uids.at(-1) ?? 0) >= (this.#uids[0] ?? 0) && (batch.uids[0] ?? 0) <= (this.#uids.at(-1) ?? 0)
  }

  /** Does it hold a message not found so far? */
  wants(batch: { uids: Uint32Array }): boolean {
    return this.missing > 0 && this.covers(batch) && this.#each(batch.uids, () => true)
  }

  take(opened: Opened): void {
    const number = this.#opened.push(opened) - 1
    this.#each(opened.uids, (i, position) => {
      this.#batchOf[i] = number
      this.#position[i] = position
      this.missing--
      return false
    })
  }

  /** Calls for each message of the window that stands among `uids` and was not found so far, until told to stop. */
  #each(uids: Uint32Array, call: (i: number, position: number) => boolean): boolean {
    let i = lowerBound(this.#uids, uids[0] ?? 0)
    let position = lowerBound(uids, this.#uids[i] ?? 0)
    while (i < this.#uids.length && position < uids.length) {
      const mine = this.#uids[i] ?? 0
      const theirs = uids[position] ?? 0
      if (mine < theirs) i++
      else if (mine > theirs) position++
      else {
        if (this.#batchOf[i] === -1 && call(i, position)) return true
        i++
        position++
      }
    }
    return false
  }

  missingUids(): number[] {
    return [...this.#uids].filter((_, i) => this.#batchOf[i] === -1)
  }

  missingRange(): { first: number; last: number } {
    const first = this.#batchOf.indexOf(-1)
    const last = this.#batchOf.lastIndexOf(-1)
    return { first: this.#uids[first] ?? 0, last: this.#uids[last] ?? 0 }
  }

  /** What was found, in the order of the window. */
  *items(names: readonly MetaColumn[]): Iterable<MetaItem[]> {
    let chunk: MetaItem[] = []
    for (let i = 0; i < this.#uids.length; i++) {
      const opened = this.#opened[this.#batchOf[i] ?? -1]
      if (!opened) continue // gone meanwhile
      const item: { uid: number } & { [column in MetaColumn]?: Buffer } = { uid: this.#uids[i] ?? 0 }
      for (const [n, name] of names.entries()) {
        const column = opened.columns[n]
        if (column) item[name] = itemOf(column, this.#position[i] ?? 0)
      }
      chunk.push(item)
      if (chunk.length === CHUNK) {
        yield chunk
        chunk = []
      }
    }
    if (chunk.length > 0) yield chunk
  }
}
