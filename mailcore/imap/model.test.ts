import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LineClient, startTestDoor, type TestDoor } from './testing'
import { formatSet, normaliseRanges, parseSequenceSet } from './wire/sequence-set'

const seed = Number(process.env.MAILTIGHT_FUZZ_SEED ?? Date.now() % 1_000_000)
let state = seed
const random = (below: number): number => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
  return (state >>> 8) % below
}

let test: TestDoor
beforeAll(async () => {
  test = await startTestDoor()
})
afterAll(async () => {
  await test.stop()
})

/** A set as text, and the numbers it names among `values` (the last of which is `*`); undefined where it is no set. */
function randomSet(values: readonly number[]): string {
  const last = values.at(-1) ?? 0
  const number = () =>
    ['*', String(1 + random(last + 4)), String(1 + random(last + 4)), String(last || 1)][random(4)] ?? '*'
  return Array.from({ length: 1 + random(4) }, () => (random(2) ? number() : `${number()}:${number()}`)).join(',')
}

/** The plain meaning of a set, number by number (RFC 9051 section 9). */
function named(text: string, values: readonly number[]): number[] {
  const last = values.at(-1) ?? 0
  const found = new Set<number>()
  for (const part of text.split(',')) {
    const [a = 0, b = a] = part.split(':').map((x) => (x === '*' ? last : Number(x)))
    for (const value of values) if (value >= Math.min(a, b) && value <= Math.max(a, b)) found.add(value)
  }
  return [...found].sort((x, y) => x - y)
}

describe('sets', () => {
  it(`mean what they say, seed ${seed}`, () => {
    for (let n = 0; n < 5_000; n++) {
      const values = [...new Set(Array.from({ length: random(12) }, () => 1 + random(30)))].sort((a, b) => a - b)
      const text = randomSet(values)
      const set = parseSequenceSet(text)
      if (!set || set.saved) throw new Error(`not read: ${text}`)
      const ranges = normaliseRanges(set.ranges, values.at(-1) ?? 0)
      const got = values.filter((value) => ranges.some(([a, b]) => a <= value && value <= b))
      expect(got, text).toEqual(named(text, values))
      const again = parseSequenceSet(formatSet(got))
      if (got.length > 0)
        expect(again && !again.saved && values.filter((v) => again.ranges.some(([a, b]) => a <= v && v <= b))).toEqual(
          got,
        )
    }
    for (const text of [
      '',
      '0',
      '01',
      '1:',
      ':1',
      '1,',
      ',1',
      '1:0',
      '1:2:3',
      '4294967296',
      '-1',
      'a',
      '1 2',
      '$1',
      '**',
    ])
      expect(parseSequenceSet(text), text).toBeUndefined()
  })
})

interface Message {
  uid: number
  flags: Set<string>
}

describe('a mailbox against a plain model (M-07)', () => {
  it(`STORE, COPY, MOVE and EXPUNGE touch what the set names and nothing else, seed ${seed}`, async () => {
    const client = await LineClient.open(test.port, test.account)
    await client.run('CREATE here')
    await client.run('CREATE there')
    await client.run('SELECT here')
    let here: Message[] = []
    const there: Message[] = []
    let uidNext = 1
    let thereNext = 1
    for (let n = 0; n < 120; n++) {
      if (here.length < 3 || random(6) === 0) {
        for (let more = 1 + random(4); more > 0; more--) {
          expect(await client.append('here', `Subject: ${uidNext}\r\n\r\nx`)).toMatch(/ OK /)
          here.push({ uid: uidNext++, flags: new Set() })
        }
        await client.run('NOOP')
      }
      const byUid = random(2) === 0
      const values = byUid ? here.map((m) => m.uid) : here.map((_, i) => i + 1)
      const text = randomSet(values)
      const beyond = !byUid && text.split(/[,:]/).some((x) => x !== '*' && Number(x) > here.length)
      const names = new Set(named(text, values))
      const hit = beyond ? [] : here.filter((m, i) => names.has(byUid ? m.uid : i + 1))
      const uid = byUid ? 'UID ' : ''
      let answer: string
      switch (random(5)) {
        case 0: {
          const sign = ['+', '-', ''][random(3)] ?? ''
          const flag = ['\\Flagged', '\\Deleted', '$Work'][random(3)] ?? ''
          answer = await client.run(`${uid}STORE ${text} ${sign}FLAGS (${flag})`)
          for (const m of hit) {
            if (sign === '') m.flags = new Set([flag])
            else if (sign === '+') m.flags.add(flag)
            else m.flags.delete(flag)
          }
          break
        }
        case 1:
          answer = await client.run(`${uid}COPY ${text} there`)
          for (const m of hit) there.push({ uid: thereNext++, flags: new Set(m.flags) })
          break
        case 2:
          answer = await client.run(`${uid}MOVE ${text} there`)
          for (const m of hit) there.push({ uid: thereNext++, flags: new Set(m.flags) })
          here = here.filter((m) => !hit.includes(m))
          break
        case 3: {
          const uids = new Set(
            named(
              text,
              here.map((m) => m.uid),
            ),
          )
          answer = await client.run(`UID EXPUNGE ${text}`)
          here = here.filter((m) => !(uids.has(m.uid) && m.flags.has('\\Deleted')))
          break
        }
        default:
          answer = await client.run(`${uid}FETCH ${text} (FLAGS UID)`)
          if (!beyond)
            expect([...answer.matchAll(/UID (\d+)/g)].map((x) => Number(x[1])).sort((a, b) => a - b)).toEqual(
              hit.map((m) => m.uid),
            )
      }
      expect(answer, `${text} of ${here.length}`).toMatch(
        beyond && !/EXPUNGE/.test(answer) ? /t\d+ (BAD|OK)/ : /t\d+ OK/,
      )
      await compare(client, here)
    }
    await client.run('SELECT there')
    await compare(client, there)
    client.end()
  }, 60_000)
})

async function compare(client: LineClient, model: readonly Message[]): Promise<void> {
  const answer = model.length === 0 ? '' : await client.run('FETCH 1:* (UID FLAGS)')
  const seen = [...answer.matchAll(/\* (\d+) FETCH \(UID (\d+) FLAGS \(([^)]*)\)/g)].map((x) => [
    Number(x[1]),
    Number(x[2]),
    (x[3] ?? '').split(' ').filter(Boolean).sort(),
  ])
  expect(seen).toEqual(model.map((m, i) => [i + 1, m.uid, [...m.flags].sort()]))
}
