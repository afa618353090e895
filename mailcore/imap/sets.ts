/** Sequence sets (RFC 3501 section 9, sequence-set), without I/O. */

const SHAPE = /^(?:[0-9]{1,10}|\*)(?::(?:[0-9]{1,10}|\*))?(?:,(?:[0-9]{1,10}|\*)(?::(?:[0-9]{1,10}|\*))?)*$/
const MOST = 4_294_967_295

/** Is `text` a sequence set? nz-number: 0, a leading zero and numbers over 32 bits are refused. */
export function isSequenceSet(text: unknown): text is string {
  if (typeof text !== 'string' || !SHAPE.test(text)) return false
  for (const [number] of text.matchAll(/[0-9]+/g)) if (number.startsWith('0') || Number(number) > MOST) return false
  return true
}

/**
 * The uids of `uidList` (ascending) that a sequence set names, in order: by uid, or by position from 1. `*` is the last
 * message; `5:1` means `1:5`; `n:*` beyond the last message still names the last one (RFC 3501 6.4.8).
 * Costs one pass over the list and one sort of the set, where imap-core's own takes their product.
 */
export function uidsOfSet(uidList: readonly number[], set: string, byUid: boolean): number[] {
  const last = byUid ? uidList[uidList.length - 1] : uidList.length
  if (!last || !isSequenceSet(set)) return []
  const numberOf = (text: string) => (text === '*' ? last : Number(text))
  const ranges = set.split(',').map((part) => {
    const [a = '', b = a] = part.split(':')
    return [Math.min(numberOf(a), numberOf(b)), Math.max(numberOf(a), numberOf(b))] as const
  })
  ranges.sort((a, b) => a[0] - b[0])
  const found: number[] = []
  let next = 0
  let reach = 0
  for (const [index, uid] of uidList.entries()) {
    const number = byUid ? uid : index + 1
    for (let range = ranges[next]; range && range[0] <= number; range = ranges[++next])
      reach = Math.max(reach, range[1])
    if (number <= reach) found.push(uid)
  }
  return found
}

/** The position of `uid` in an ascending list, from 1; 0 where it is absent. */
export function sequenceOf(uidList: readonly number[], uid: number): number {
  let low = 0
  let high = uidList.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const at = uidList[middle] ?? 0
    if (at === uid) return middle + 1
    if (at < uid) low = middle + 1
    else high = middle - 1
  }
  return 0
}
