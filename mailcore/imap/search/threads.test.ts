import { describe, expect, it } from 'vitest'
import { pace, run } from './pace'
import { type FakeMessage, fakeFolder } from './testing'
import { formatThreads } from './thread-tree'
import { type Algorithm, threadsOf } from './threads'

interface Made {
  id?: string
  refs?: string
  irt?: string
  subject?: string
  /** Minutes */
  date?: number
  receivedAt?: number
}

const message = ({ id, refs, irt, subject, date, receivedAt }: Made): FakeMessage => ({
  raw: [
    ...(id === undefined ? [] : [`Message-ID: <${id}>`]),
    ...(refs === undefined ? [] : [`References: ${refs.replace(/(\S+)/g, '<$1>')}`]),
    ...(irt === undefined ? [] : [`In-Reply-To: <${irt}>`]),
    ...(subject === undefined ? [] : [`Subject: ${subject}`]),
    ...(date === undefined ? [] : [`Date: ${new Date(date * 60_000).toUTCString().replace('GMT', '+0000')}`]),
    '\r\n',
  ].join('\r\n'),
  ...(receivedAt === undefined ? {} : { receivedAt }),
})

const thread = async (algorithm: Algorithm, made: readonly Made[]): Promise<string> => {
  const { source, columns } = fakeFolder(made.map((one, i) => message({ date: i + 1, ...one })))
  const at = Uint32Array.from(made.keys())
  const roots = await threadsOf(algorithm, source, columns, at, pace())
  return run(
    formatThreads(
      roots,
      at.map((i) => i + 1),
    ),
  )
}

/** The same by the RFC's words, going up step by step: for small cases. */
function plainParents(made: readonly Made[]): Map<string, string> {
  const parents = new Map<string, string>()
  const isAbove = (above: string, below: string): boolean => {
    for (let at: string | undefined = below; at !== undefined; at = parents.get(at)) if (at === above) return true
    return false
  }
  for (const { id = '', refs = '' } of made) {
    const ids = refs.split(' ').filter((one) => one !== '')
    for (let i = 1; i < ids.length; i++) {
      const child = ids[i] ?? ''
      const parent = ids[i - 1] ?? ''
      if (!parents.has(child) && child !== parent && !isAbove(child, parent)) parents.set(child, parent)
    }
    parents.delete(id)
    const last = ids.at(-1)
    if (last !== undefined && last !== id && !isAbove(id, last)) parents.set(id, last)
  }
  return parents
}

describe('REFERENCES (RFC 5256 section 3)', () => {
  it('hangs replies under what they reply to', async () => {
    expect(
      await thread('REFERENCES', [
        { id: 'a' },
        { id: 'b', refs: 'a' },
        { id: 'c', refs: 'a b' },
        { id: 'd', irt: 'a' },
      ]),
    ).toBe('(1 (2 3)(4))')
    expect(await thread('REFERENCES', [{ id: 'b', refs: 'a' }, { id: 'a' }])).toBe('(2 1)')
  })

  it('writes threads as the example of section 4 does', async () => {
    // "(3 6 (4 23)(44 7 96))" with other numbers: 2 is a root, 3 has child 4, which has two branches.
    expect(
      await thread('REFERENCES', [
        { id: 'x', subject: 'x' },
        { id: 'a', subject: 'a' },
        { id: 'b', refs: 'a' },
        { id: 'c', refs: 'a b' },
        { id: 'd', refs: 'a b c' },
        { id: 'e', refs: 'a b' },
        { id: 'f', refs: 'a b e' },
        { id: 'g', refs: 'a b e f' },
      ]),
    ).toBe('(1)(2 3 (4 5)(6 7 8))')
  })

  it('keeps a place for one that is missing only where it holds some together', async () => {
    expect(await thread('REFERENCES', [{ id: 'b', refs: 'gone' }])).toBe('(1)')
    expect(
      await thread('REFERENCES', [
        { id: 'b', refs: 'gone' },
        { id: 'c', refs: 'gone' },
      ]),
    ).toBe('((1)(2))')
    expect(await thread('REFERENCES', [{ id: 'a' }, { id: 'b', refs: 'a gone' }, { id: 'c', refs: 'a gone' }])).toBe(
      '(1 (2)(3))',
    )
  })

  it('gives a message with an id already seen, or none, its own place', async () => {
    expect(await thread('REFERENCES', [{ id: 'a' }, { id: 'a', refs: 'z' }, { id: 'c', refs: 'a' }, { date: 9 }])).toBe(
      '(1 3)(2)(4)',
    )
  })

  it('closes no circle', async () => {
    expect(
      await thread('REFERENCES', [
        { id: 'a', refs: 'b' },
        { id: 'b', refs: 'a' },
      ]),
    ).toBe('(2 1)')
    expect(await thread('REFERENCES', [{ id: 'a', refs: 'a' }])).toBe('(1)')
    expect(
      await thread('REFERENCES', [
        { id: 'a', refs: 'c' },
        { id: 'b', refs: 'a' },
        { id: 'c', refs: 'b' },
      ]),
    ).toBe('(3 1 2)')
  })

  it('joins by subject what has no references', async () => {
    expect(
      await thread('REFERENCES', [
        { id: 'a', subject: 'hi' },
        { id: 'b', subject: 'Re: hi' },
      ]),
    ).toBe('(1 2)')
    expect(
      await thread('REFERENCES', [
        { id: 'a', subject: 'Re: hi' },
        { id: 'b', subject: 'hi' },
      ]),
    ).toBe('(2 1)')
    expect(
      await thread('REFERENCES', [
        { id: 'a', subject: 'hi' },
        { id: 'b', subject: 'hi' },
      ]),
    ).toBe('((1)(2))')
    expect(
      await thread('REFERENCES', [
        { id: 'a', subject: 'hi' },
        { id: 'b', subject: 'hi' },
        { id: 'c', subject: 'HI' },
      ]),
    ).toBe('((1)(2)(3))')
    expect(
      await thread('REFERENCES', [
        { id: 'a', refs: 'z', subject: 'hi' },
        { id: 'b', refs: 'z', subject: 'hi' },
        { id: 'c', subject: 'hi' },
      ]),
    ).toBe('((1)(2)(3))')
    expect(
      await thread('REFERENCES', [
        { id: 'a', subject: '' },
        { id: 'b', subject: '' },
      ]),
    ).toBe('(1)(2)')
  })

  it('sorts by the date of sending, else of arrival', async () => {
    expect(
      await thread('REFERENCES', [
        { id: 'a', date: 5 },
        { id: 'b', date: 3 },
        { id: 'c', refs: 'a', date: 9 },
        { id: 'd', refs: 'a', date: 8 },
      ]),
    ).toBe('(2)(1 (4)(3))')
  })

  it('reads quoted ids as what they are', async () => {
    expect(await thread('REFERENCES', [{ id: '"a"@x' }, { id: 'b', refs: 'a@x' }])).toBe('(1 2)')
  })

  it('makes the trees of the plain algorithm (seeded)', async () => {
    for (let seed = 1; seed <= 300; seed++) {
      let state = seed
      const random = (n: number) => {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
        return Math.floor((state / 2_147_483_648) * n)
      }
      const made = Array.from({ length: 12 }, (_, i) => ({
        id: `m${i}`,
        refs: Array.from({ length: random(5) }, () => `m${random(12)}`).join(' '),
      }))
      const parents = plainParents(made)
      const children = (id: string | undefined): string => {
        const own = made.flatMap((one, i) => (parents.get(one.id) === id ? [`${i + 1}${children(one.id)}`] : []))
        return own.length === 0
          ? ''
          : own.length === 1 && id !== undefined
            ? ` ${own[0]}`
            : `${id === undefined ? '' : ' '}(${own.join(')(')})`
      }
      // References to what is there only: no dummies, so that the parents tell all.
      expect(
        await thread(
          'REFS',
          made.map((one) => ({ ...one, receivedAt: 0 })),
        ),
        `seed ${seed}`,
      ).toBe(children(undefined))
    }
  })
})

describe('REFS', () => {
  it('leaves subjects alone and sorts by the latest arrival', async () => {
    const made = [
      { id: 'a', subject: 'hi' },
      { id: 'b', subject: 'Re: hi' },
      { id: 'c', irt: 'a' },
    ]
    expect(await thread('REFS', made)).toBe('(2)(1 3)')
  })
})

describe('ORDEREDSUBJECT', () => {
  it('makes the first of a subject the parent of the rest', async () => {
    expect(
      await thread('ORDEREDSUBJECT', [
        { subject: 'x', date: 9 },
        { subject: 'y', date: 2 },
        { subject: 'Re: x', date: 3 },
        { subject: 'Re: x', date: 4 },
      ]),
    ).toBe('(2)(3 (4)(1))')
  })
})

describe('crafted references (M-05, CVE-2026-40014)', () => {
  it('threads chains ten thousand deep, and back', async () => {
    const count = 10_000
    const chain = Array.from({ length: count }, (_, i) => ({ id: `m${i}`, refs: i === 0 ? '' : `m${i - 1}` }))
    const numbers = chain.map((_, i) => i + 1)
    expect(await thread('REFERENCES', chain)).toBe(`(${numbers.join(' ')})`)
    expect(await thread('REFERENCES', [...chain].reverse())).toBe(`(${numbers.reverse().join(' ')})`)
  })

  it('threads long lists of ids nobody has, circles, and one id for all', async () => {
    const count = 2_000
    const unknown = Array.from({ length: count }, (_, i) => ({
      id: `m${i}`,
      refs: Array.from({ length: 100 }, (_, n) => `x${(i * 7 + n * 13) % 5_000}`).join(' '),
    }))
    expect((await thread('REFERENCES', unknown)).match(/\d+/g)).toHaveLength(count)
    const circle = Array.from({ length: count }, (_, i) => ({
      id: `m${i}`,
      refs: `m${(i + 1) % count} m${(i * 31) % count}`,
    }))
    expect((await thread('REFERENCES', circle)).match(/\d+/g)).toHaveLength(count)
    const same = Array.from({ length: count }, () => ({ id: 'one', refs: 'one one' }))
    expect((await thread('REFERENCES', same)).match(/\d+/g)).toHaveLength(count)
  })
})
