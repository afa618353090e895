import { Fault } from '#lib/errors'

/** One column of the metadata of some messages: their items one after another. Never changed once made. */
export interface Column {
  readonly data: Buffer
  /** Where each item ends in `data`. */
  readonly ends: Uint32Array
}

export const itemOf = (column: Column, i: number): Buffer =>
  column.data.subarray(i === 0 ? 0 : (column.ends[i - 1] ?? 0), column.ends[i] ?? 0)

export const bytesOf = (column: Column): number => column.data.length + column.ends.byteLength

/** A column of these items. */
export function columnOf(items: readonly Buffer[]): Column {
  const ends = new Uint32Array(items.length)
  let at = 0
  for (const [i, item] of items.entries()) {
    at += item.length
    ends[i] = at
  }
  return { data: Buffer.concat(items, at), ends }
}

/** As it stands in a page: count and ends (u32, little endian), then the items. */
export function packColumn(column: Column): Buffer {
  const packed = Buffer.allocUnsafe(4 + 4 * column.ends.length + column.data.length)
  packed.writeUInt32LE(column.ends.length, 0)
  for (const [i, end] of column.ends.entries()) packed.writeUInt32LE(end, 4 + 4 * i)
  column.data.copy(packed, 4 + 4 * column.ends.length)
  return packed
}

/** Undoes `packColumn`; shares its memory. */
export function unpackColumn(packed: Buffer): Column {
  const count = packed.readUInt32LE(0)
  const ends = new Uint32Array(count)
  for (let i = 0; i < count; i++) ends[i] = packed.readUInt32LE(4 + 4 * i)
  const data = packed.subarray(4 + 4 * count)
  if ((ends[count - 1] ?? 0) !== data.length)
    throw new Fault('INTERNAL', 'A stored item could not be opened with its key.', { internal: 'unreadable:page' })
  return { data, ends }
}
