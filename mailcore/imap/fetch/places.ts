import type { FolderView } from '#mailcore/ports'
import { lowerBound } from '../wire/sequence-set'

/** Walks ascending uids through a view and through the client's numbering at once, each step continuing where the last one stood. */
export class Places {
  readonly view: FolderView
  readonly #numbered: Uint32Array
  /** Where the message stands in the view's columns. */
  index = 0
  #sequence = 0

  /** `numbered`: the uids as this client numbers them. */
  constructor(view: FolderView, numbered: Uint32Array, first: number) {
    this.view = view
    this.#numbered = numbered
    this.index = lowerBound(view.uids, first)
    this.#sequence = lowerBound(numbered, first)
  }

  /** Goes on to `uid`, greater than the one before; false when the view lacks it. */
  find(uid: number): boolean {
    const { uids } = this.view
    while (this.index < uids.length && (uids[this.index] ?? 0) < uid) this.index++
    return uids[this.index] === uid
  }

  /** The sequence number of the uid just found. */
  sequenceOf(uid: number): number {
    const uids = this.#numbered
    while (this.#sequence < uids.length && (uids[this.#sequence] ?? 0) < uid) this.#sequence++
    return this.#sequence + 1
  }
}

/** Those of `uids` that the view holds and that changed after `since`, if that is given; both ascending. The array itself when it is all. */
export function present(uids: Uint32Array, view: FolderView, since?: number): Uint32Array {
  // Cut from the view's own column: nothing can be missing.
  if (since === undefined && uids.buffer === view.uids.buffer) return uids
  const kept = new Uint32Array(uids.length)
  let count = 0
  let at = lowerBound(view.uids, uids[0] ?? 0)
  for (let i = 0; i < uids.length; i++) {
    const uid = uids[i] ?? 0
    while (at < view.uids.length && (view.uids[at] ?? 0) < uid) at++
    if (view.uids[at] === uid && (since === undefined || (view.modseqs[at] ?? 0) > since)) kept[count++] = uid
  }
  return kept.subarray(0, count)
}
