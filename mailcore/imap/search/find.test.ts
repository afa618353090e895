import { describe, expect, it } from 'vitest'
import { FLAG } from '#mailcore/ports'
import { Cursor } from '../wire/cursor'
import { columnsFor } from './columns'
import { find } from './find'
import { pace } from './pace'
import { readProgram } from './parse'
import { type FakeMessage, fakeFolder } from './testing'

const NONE = new Uint32Array(0)

const search = async (folder: ReturnType<typeof fakeFolder>, keys: string, saved = NONE): Promise<number[]> => {
  const { key } = readProgram(new Cursor([keys]), undefined)
  const around = { uids: folder.columns.uids, saved, now: 1_000_000 }
  return [...(await find(folder.source, key, folder.columns, around, pace()))].map((i) => i + 1)
}

const DAY = 86_400_000

describe('find', () => {
  it('asks for no more than it must', async () => {
    const folder = fakeFolder([
      { raw: 'Subject: a\r\n\r\nbody', flags: FLAG.seen },
      { raw: 'Subject: b\r\n\r\nbody' },
      { raw: 'Subject: c\r\n\r\nneedle' },
    ])
    expect(await search(folder, 'SEEN NOT LARGER 1000')).toEqual([1])
    expect(folder.reads).toEqual({ kept: 0, bodies: 0 })
    expect(await search(folder, 'SEEN SUBJECT a')).toEqual([1])
    expect(folder.reads).toEqual({ kept: 1, bodies: 0 })
    expect(await search(folder, 'OR SEEN (SUBJECT c BODY needle)')).toEqual([1, 3])
    expect(folder.reads).toEqual({ kept: 3, bodies: 1 })
  })

  it('reads the message where too long a header was not kept whole', async () => {
    const folder = fakeFolder([
      { raw: `Subject: first\r\nTo: ${'x@y.test, '.repeat(4_000)}last@y.test\r\n\r\nbody` },
      { raw: 'Subject: second\r\nTo: last@y.test\r\n\r\nbody' },
    ])
    expect(await search(folder, 'TO last@y.test')).toEqual([1, 2])
    expect(folder.reads).toEqual({ kept: 2, bodies: 1 })
    expect(await search(folder, 'SUBJECT first')).toEqual([1])
    expect(folder.reads.bodies).toBe(1)
  })

  it('takes sets, flags and days at their edges', async () => {
    const folder = fakeFolder([
      { raw: '', receivedAt: 10 * DAY - 1, flags: 1 << 8 },
      { raw: '', receivedAt: 10 * DAY, modseq: 50 },
      { raw: '', receivedAt: 11 * DAY - 1 },
      { raw: '', receivedAt: 11 * DAY },
    ])
    expect(await search(folder, 'ON 11-Jan-1970')).toEqual([2, 3])
    expect(await search(folder, 'BEFORE 11-Jan-1970')).toEqual([1])
    expect(await search(folder, 'SINCE 12-Jan-1970')).toEqual([4])
    expect(await search(folder, 'KEYWORD $WORK')).toEqual([1])
    expect(await search(folder, 'UID 2:4')).toEqual([2])
    expect(await search(folder, 'UID 9:*')).toEqual([4])
    expect(await search(folder, '2,4:3')).toEqual([2, 3, 4])
    expect(await search(folder, '7')).toEqual([])
    expect(await search(folder, '$', Uint32Array.of(1, 4, 7))).toEqual([1, 4])
    expect(await search(folder, 'MODSEQ 50')).toEqual([2])
    expect(await search(folder, 'EMAILID M3')).toEqual([2])
  })

  it('finds in words split, folded and written without encoding', async () => {
    const folder = fakeFolder([
      { raw: 'Subject: =?utf-8?b?R3I=?= =?utf-8?b?w7zDn2U=?=\r\n\r\n' },
      { raw: 'SUBJECT : caf\xc3\xa9\r\n au lait\r\n\r\n' },
      { raw: 'Subject: caf\xe9\r\n\r\n' },
      { raw: 'X-Subject: cafe\r\nSubject:\r\n\r\n' },
      { raw: 'Subject: one\r\nSubject: CAFE\xcc\x81 two\r\n\r\n' },
    ])
    expect(await search(folder, 'SUBJECT "gr\xc3\xbc\xc3\x9f"')).toEqual([1])
    expect(await search(folder, 'SUBJECT "caf\xc3\xa9"')).toEqual([2, 3, 5])
    expect(await search(folder, 'SUBJECT "CAF\xc3\x89 AU LAIT"')).toEqual([2])
    expect(await search(folder, 'SUBJECT ""')).toEqual([1, 2, 3, 4, 5])
    expect(await search(folder, 'HEADER "" ""')).toEqual([])
  })

  it('finds text in parts, names of attachments and inner headers, but no markup of encodings', async () => {
    const folder = fakeFolder([
      {
        raw: [
          'Content-Type: multipart/mixed; boundary=b',
          '',
          '--b',
          'Content-Type: text/html',
          'Content-Transfer-Encoding: quoted-printable',
          '',
          '<p>qu=C3=A9 <b>bo</b>ld</p>',
          '--b',
          'Content-Type: message/rfc822',
          '',
          'Subject: inner words',
          '',
          'enclosed',
          '--b--',
          '',
        ].join('\r\n'),
      },
    ])
    expect(await search(folder, 'BODY "bold"')).toEqual([1])
    expect(await search(folder, 'BODY "qu\xc3\xa9"')).toEqual([1])
    expect(await search(folder, 'BODY enclosed')).toEqual([1])
    expect(await search(folder, 'BODY "inner words"')).toEqual([])
    expect(await search(folder, 'TEXT "inner words"')).toEqual([1])
    expect(await search(folder, 'TEXT "boundary=b"')).toEqual([1])
    expect(await search(folder, 'BODY ".*"')).toEqual([])
  })
})

describe('boolean logic against a plain model (seeded)', () => {
  /** Leaves with what they mean for message `i`. */
  const leaves: readonly (readonly [string, (message: FakeMessage, i: number) => boolean])[] = [
    ['SEEN', ({ flags = 0 }) => (flags & FLAG.seen) !== 0],
    ['UNFLAGGED', ({ flags = 0 }) => (flags & FLAG.flagged) === 0],
    ['LARGER 50', ({ size = 0 }) => size > 50],
    ['3:9,20:*', (_, i) => (i >= 2 && i < 9) || i >= 19],
    ['UID 1:20', (_, i) => 2 * i + 1 <= 20],
    ['$', (_, i) => i % 3 === 0],
    ['SUBJECT even', (_, i) => i % 2 === 0],
    ['BODY five', (_, i) => i % 5 === 0],
    ['TEXT seven', (_, i) => i % 7 === 0],
    ['HEADER X-Own yes', (_, i) => i % 4 === 1],
    ['ALL', () => true],
    ['NEW', () => false],
  ]

  it('agrees', async () => {
    const first = Number(process.env.SEED ?? Date.now() % 1_000_000)
    for (let seed = first; seed < first + 150; seed++) {
      let state = seed
      const random = (n: number) => {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
        return Math.floor((state / 2_147_483_648) * n)
      }
      const messages = Array.from(
        { length: 25 + random(15) },
        (_, i): FakeMessage => ({
          raw: `Subject: ${i % 2 === 0 ? 'even' : 'odd'}\r\n${i % 4 === 1 ? 'X-Own: yes\r\n' : ''}\r\n${i % 5 === 0 ? 'five' : ''} ${i % 7 === 0 ? 'seven' : ''}`,
          flags: random(32),
          size: random(100),
        }),
      )
      const make = (depth: number): [string, (message: FakeMessage, i: number) => boolean] => {
        const kind = depth === 0 ? 0 : random(4)
        if (kind === 0) {
          const [text, test] = leaves[random(leaves.length)] ?? ['ALL', () => true]
          return [text, test]
        }
        const [a, isA] = make(depth - 1)
        if (kind === 1) return [`NOT ${a}`, (message, i) => !isA(message, i)]
        const [b, isB] = make(depth - 1)
        if (kind === 2) return [`OR ${a} ${b}`, (message, i) => isA(message, i) || isB(message, i)]
        return [`(${a} ${b})`, (message, i) => isA(message, i) && isB(message, i)]
      }
      const [keys, test] = make(5)
      const folder = fakeFolder(messages)
      const saved = folder.columns.uids.filter((_, i) => i % 3 === 0)
      const expected = messages.flatMap((message, i) => (test(message, i) ? [i + 1] : []))
      expect(await search(folder, keys, saved), `seed ${seed}: ${keys}`).toEqual(expected)
    }
  })
})

describe('columnsFor', () => {
  it('takes those that are in the view, in order', () => {
    const { columns } = fakeFolder([
      { raw: '', size: 10 },
      { raw: '', size: 20 },
      { raw: '', size: 30 },
    ])
    const some = columnsFor({ ...columns, folder: {} as never }, [2, 3, 5, 9])
    expect([...some.uids]).toEqual([3, 5])
    expect([...some.sizes]).toEqual([20, 30])
  })
})
