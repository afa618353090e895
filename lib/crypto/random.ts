import { randomFillSync } from 'node:crypto'

/** Random bytes are drawn from the system in lots: one call for 12 bytes costs as much as one for thousands. Each byte is given out once and wiped here. */
const LOT_BYTES = 8_192
const lot = Buffer.alloc(LOT_BYTES)
let used = LOT_BYTES

/** `count` fresh random bytes (at most 8,192). */
export function freshBytes(count: number): Buffer {
  if (used + count > LOT_BYTES) {
    randomFillSync(lot)
    used = 0
  }
  const bytes = Buffer.from(lot.subarray(used, used + count))
  lot.fill(0, used, used + count)
  used += count
  return bytes
}
