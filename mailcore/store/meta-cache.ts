import type { MetaColumn } from '#mailcore/ports'
import { bytesOf, type Column } from '#mailcore/store/columns'

/** Metadata of some messages of one folder, open in memory: those of a page, or rows that were read together. */
export interface Batch {
  /** Ascending */
  readonly uids: Uint32Array
  /** The page it stands for; null while there is none. Columns of a page come and go one by one, those of rows together. */
  pageId: string | null
  readonly columns: Map<MetaColumn, Column>
}

/** Every column open in this process, the longest unused first to go. A class, since it lives as long as the process. */
export class MetaCache {
  readonly #mostBytes: number
  readonly #held = new Map<Column, { batch: Batch; name: MetaColumn }>()
  #bytes = 0

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  put(batch: Batch, name: MetaColumn, column: Column): void {
    const before = batch.columns.get(name)
    if (before) this.#forget(before)
    batch.columns.set(name, column)
    this.#held.set(column, { batch, name })
    this.#bytes += bytesOf(column)
    for (const [oldest, entry] of this.#held) {
      if (this.#bytes <= this.#mostBytes) break
      if (entry.batch === batch) continue // what is being put together is wanted now
      if (entry.batch.pageId === null) this.drop(entry.batch)
      else {
        entry.batch.columns.delete(entry.name)
        this.#forget(oldest)
      }
    }
  }

  /** Notes a use. */
  touch(column: Column): void {
    const entry = this.#held.get(column)
    if (!entry) return
    this.#held.delete(column)
    this.#held.set(column, entry)
  }

  /** Forgets a batch with all its columns. */
  drop(batch: Batch): void {
    for (const column of batch.columns.values()) this.#forget(column)
    batch.columns.clear()
  }

  #forget(column: Column): void {
    if (this.#held.delete(column)) this.#bytes -= bytesOf(column)
  }
}
