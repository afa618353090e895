import type { Selected } from '../selected'
import type { Session } from '../session'
import { quote } from '../wire/format'
import { formatSet } from '../wire/sequence-set'
import { type Columns, numbersOf } from './columns'
import { type Returns, windowOf } from './returns'

/** What was found, to be told. */
export interface Results {
  session: Session
  selected: Selected
  columns: Columns
  /** Places in the columns: ascending for SEARCH, in the wanted order for SORT. */
  at: Uint32Array
  byUid: boolean
  /** Tell the highest mod-sequence (RFC 7162 3.1.5). */
  modseq: boolean
}

/** `* SEARCH 2 5` or `* SORT 5 2`, as without RETURN. */
export function tellPlain(word: 'SEARCH' | 'SORT', results: Results): void {
  const { session, selected, columns, at, byUid } = results
  const numbers = numbersOf(selected, columns, at, byUid)
  const modseq = results.modseq && at.length > 0 ? ` (MODSEQ ${highest(columns, at)})` : ''
  session.untagged(numbers.length === 0 ? word : `${word} ${numbers.join(' ')}${modseq}`)
}

/**
 * `* ESEARCH (TAG "x") UID MIN 1 ...` (RFC 4731 3.1), and keeps the result where SAVE asked for it. Nothing is told when SAVE stands alone
 * (RFC 5182 2.1).
 */
export function tellExtended(results: Results, returns: Returns): void {
  const { session, selected, columns, at, byUid } = results
  const told = parts(at, returns)
  if (returns.save) selected.saved = savedUids(columns, told.any)
  if (!returns.min && !returns.max && !returns.all && !returns.count && !returns.partial) return
  const numbers = (places: Uint32Array) => numbersOf(selected, columns, places, byUid)
  let text = `ESEARCH (TAG ${quote(session.tag)})${byUid ? ' UID' : ''}`
  if (returns.min && at.length > 0) text += ` MIN ${numbers(told.min)[0]}`
  if (returns.max && at.length > 0) text += ` MAX ${numbers(told.max)[0]}`
  if (returns.count) text += ` COUNT ${at.length}`
  if (returns.all && at.length > 0) text += ` ALL ${formatSet(numbers(at))}`
  if (returns.partial) text += ` PARTIAL (${returns.partial.text} ${formatSet(numbers(told.window)) || 'NIL'})`
  if (results.modseq && at.length > 0) text += ` MODSEQ ${highest(columns, told.any)}`
  session.untagged(text)
}

interface Parts {
  min: Uint32Array
  max: Uint32Array
  window: Uint32Array
  /**
   * What the answer is about, for MODSEQ and for SAVE: all that was found, unless only MIN, MAX or a window was asked for (RFC 4731 3.2,
   * RFC 5182 2.4, RFC 9394 3.2).
   */
  any: Uint32Array
}

/** MIN and MAX are the first and the last in the order of the results (RFC 5267 3.1). */
function parts(at: Uint32Array, returns: Returns): Parts {
  const min = at.subarray(0, 1)
  const max = at.subarray(Math.max(at.length - 1, 0))
  const window = returns.partial ? windowOf(at, returns.partial) : at.subarray(0, 0)
  if (returns.all || returns.count || (!returns.min && !returns.max && !returns.partial))
    return { min, max, window, any: at }
  return { min, max, window, any: joined(returns, min, max, window) }
}

const joined = (returns: Returns, min: Uint32Array, max: Uint32Array, window: Uint32Array): Uint32Array =>
  Uint32Array.from(new Set([...(returns.min ? min : []), ...(returns.max ? max : []), ...window]))

const savedUids = (columns: Columns, places: Uint32Array): Uint32Array =>
  Uint32Array.from(places, (i) => columns.uids[i] ?? 0).sort()

function highest({ modseqs }: Columns, at: Uint32Array): number {
  let most = 0
  for (const i of at) most = Math.max(most, modseqs[i] ?? 0)
  return most
}
