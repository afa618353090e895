import { describe, expect, it } from 'vitest'
import { Cursor } from '../wire/cursor'
import { sortKey } from './fold'
import { pace } from './pace'
import { readSortKeys, sortPlaces } from './sort-keys'
import { type FakeMessage, fakeFolder } from './testing'

const sort = async (keys: string, messages: readonly FakeMessage[]): Promise<number[]> => {
  const { source, columns } = fakeFolder(messages)
  const at = Uint32Array.from(messages.keys())
  return [...(await sortPlaces(source, columns, at, readSortKeys(new Cursor([keys])), pace()))].map((i) => i + 1)
}

describe('sortPlaces', () => {
  it('takes the mailbox of the first address, and its name for DISPLAY', async () => {
    const messages = ['"Zed, A." <b@x>, a@x', 'a@z', '=?utf-8?q?=C3=84nne?= <c@x>', 'Team: y@x, b@x;'].map((from) => ({
      raw: `From: ${from}\r\n\r\n`,
    }))
    expect(await sort('(FROM)', messages)).toEqual([2, 1, 3, 4])
    expect(await sort('(DISPLAYFROM)', messages)).toEqual([2, 3, 4, 1])
    expect(await sort('(TO)', messages)).toEqual([1, 2, 3, 4])
  })

  it('takes a day without a time, and the arrival where there is no date', async () => {
    const messages = [
      { raw: 'Date: Sat, 3 Jan 1970 10:00:00 +0000\r\n\r\n' },
      { raw: 'Date: 3 Jan 1970\r\n\r\n' },
      { raw: 'Date: nonsense\r\n\r\n', receivedAt: 5 },
      { raw: 'Date: Sat, 3 Jan 1970 10:00:00 +0200\r\n\r\n' },
    ]
    expect(await sort('(DATE)', messages)).toEqual([3, 2, 4, 1])
    expect(await sort('(REVERSE DATE)', messages)).toEqual([1, 4, 2, 3])
  })

  it('keeps equal ones in the order of their numbers, in REVERSE too', async () => {
    const messages = Array.from({ length: 30_000 }, (_, i) => ({ raw: '', size: i % 3 }))
    const expected = (order: number[]) =>
      order.flatMap((rest) => messages.flatMap((one, i) => (one.size === rest ? [i + 1] : [])))
    expect(await sort('(SIZE)', messages)).toEqual(expected([0, 1, 2]))
    expect(await sort('(REVERSE SIZE)', messages)).toEqual(expected([2, 1, 0]))
  })
})

describe('sortKey', () => {
  it('orders by i;unicode-casemap (RFC 5051)', () => {
    expect(sortKey('Ä')).toBe(sortKey('a\u0308'))
    expect(sortKey('ﬁ')).toBe(sortKey('FI'))
    // "_" stands behind capitals, and before small letters: what counts are capitals.
    expect(sortKey('a') < sortKey('_')).toBe(true)
    // By octets of UTF-8, not by UTF-16: U+10000 is beyond U+FFFD.
    expect(sortKey('\u{10000}') > sortKey('\ufffd')).toBe(true)
  })
})
