import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeMessage, KEPT_FIELDS } from '#mailcore/proto/mime/describe'
import { LineClient, literalsOf, startTestDoor, type TestDoor } from '../testing'
import { Cursor } from '../wire/cursor'
import { shortStructure } from './body-structure'
import { FieldFinder, isKept } from './kept-header'
import { readSection, sectionOf, windowOf } from './section'

/** A chooser that can be repeated: the seed is printed with what fails. */
function choices(seed: number): (n: number) => number {
  let state = seed >>> 0
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 4_294_967_296) * n)
  }
}

const WORDS = [
  'From: a@b',
  'from : spaced@b',
  'SUBJECT: \u00e4\u00ff',
  'Subject:',
  'To: x,\r\n y',
  'To: x,\n\ty',
  ' ',
  '\t',
  'X-Other: 1',
  'List-Id',
  ': nothing',
  'Content-Type: multipart/mixed; boundary=b',
  'Content-Type: message/rfc822',
  '--b',
  '--b--',
  'References: <1@x>\r\n\r<2@x>',
  'Date: 1\0',
  '\r\n',
  '\n',
  '\r',
  '\0',
  '\r\n\r\n',
  '\n\n',
  '\r\n',
  '\r\n',
  'x',
]
const ENOUGH = 'Importance: high'.repeat(1_100)

function madeMessage(choose: (n: number) => number): Buffer {
  let text = ''
  for (let i = choose(24); i >= 0; i--) text += WORDS[choose(WORDS.length)] ?? ''
  if (choose(12) === 0) text = `${ENOUGH}\r\n${text}`
  return Buffer.from(text, 'latin1')
}

const sectionFor = (text: string) => readSection(new Cursor([text]))

describe('sections of any bytes', () => {
  it('are cut from the message and lose nothing', () => {
    const seed = randomInt(2 ** 31)
    const choose = choices(seed)
    for (let round = 0; round < 3_000; round++) {
      const raw = madeMessage(choose)
      const where = `seed ${seed} round ${round}`
      expect(sectionOf({ raw }, sectionFor('')), where).toBe(raw)
      const header = sectionOf({ raw }, sectionFor('HEADER')) ?? Buffer.from('none')
      const text = sectionOf({ raw }, sectionFor('TEXT')) ?? Buffer.from('none')
      expect(Buffer.concat([header, text]).equals(raw), where).toBe(true)
      const start = choose(raw.length + 3)
      const count = 1 + choose(20)
      expect(windowOf(raw, { start, count }).equals(raw.subarray(start, start + count)), where).toBe(true)
    }
  })

  it('have the same HEADER.FIELDS in the kept header as in the message', () => {
    const seed = randomInt(2 ** 31)
    const choose = choices(seed)
    const names = [...KEPT_FIELDS]
    let incomplete = 0
    for (let round = 0; round < 5_000; round++) {
      const raw = madeMessage(choose)
      const asked = Array.from({ length: 1 + choose(4) }, () => names[choose(names.length)] ?? '')
      if (choose(2) === 0) asked.push('From', 'sUBJECT')
      const section = sectionFor(`HEADER.FIELDS (${asked.join(' ')})`)
      expect(isKept(section)).toBe(true)
      const header = Buffer.from(describeMessage(raw).header, 'latin1')
      const finder = new FieldFinder(section.names)
      if (!finder.find(header)) {
        incomplete++
        continue
      }
      const { spans, used, bytes } = finder
      let found = ''
      for (let i = 0; i < used; i += 2) found += header.toString('latin1', spans[i], spans[i + 1])
      expect(bytes).toBe(found.length)
      const where = `seed ${seed} round ${round}: ${JSON.stringify(raw.toString('latin1'))}`
      expect(`${found}\r\n`, where).toBe(sectionOf({ raw }, section)?.toString('latin1'))
    }
    expect(incomplete).toBeGreaterThan(0)
    expect(incomplete).toBeLessThan(2_500)
  })

  it('asks the message for fields that are not kept', () => {
    expect(isKept(sectionFor('HEADER.FIELDS (From X-Spam)'))).toBe(false)
    expect(isKept(sectionFor('HEADER.FIELDS.NOT (From)'))).toBe(false)
    expect(isKept(sectionFor('1.HEADER.FIELDS (From)'))).toBe(false)
  })
})

describe('shortStructure', () => {
  it('leaves out extension data at every depth', () => {
    const raw = Buffer.from(
      'Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: message/rfc822\r\n\r\nSubject: "in"\r\n\r\nx\r\n--a\r\nContent-Type: image/png; name="a\\"b"\r\n\r\n--a--\r\n',
    )
    expect(shortStructure(describeMessage(raw).bodystructure)).toBe(
      '(("message" "rfc822" NIL NIL NIL "7bit" 18 (NIL "\\"in\\"" NIL NIL NIL NIL NIL NIL NIL NIL) ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1 0) 2)("image" "png" ("name" "a\\"b") NIL NIL "7bit" 0) "mixed")',
    )
  })

  it('throws at nothing', () => {
    for (const text of ['', '(', ')', '((', '("', '{9', '("a" {3}\r\nab', '())(', 'NIL']) shortStructure(text)
    expect(shortStructure('NIL')).toBe('NIL')
  })
})

describe('what was appended', () => {
  let door: TestDoor
  let client: LineClient
  beforeAll(async () => {
    door = await startTestDoor()
    client = await LineClient.open(door.port, door.account)
  })
  afterAll(async () => {
    client.end()
    await door.stop()
  })

  it('is what BODY[] returns, for any bytes (P-13)', async () => {
    const seed = randomInt(2 ** 31)
    const choose = choices(seed)
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    const messages = [
      Buffer.from('x'),
      Buffer.from('\r\n'),
      Buffer.from('no newline at the end'),
      Buffer.from('A: b\rC: d\n\nbare\rreturns\nand feeds\r'),
      all,
      Buffer.concat([Buffer.from('Subject: all\r\n\r\n'), all, all]),
      Buffer.alloc(100_000, 'long lines '),
      Buffer.from('Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n--b'),
      ...Array.from({ length: 40 }, () => madeMessage(choose)).filter((raw) => raw.length > 0),
    ]
    for (const raw of messages) expect(await client.append('INBOX', raw)).toMatch(/OK \[APPENDUID/)
    await client.run('SELECT INBOX')
    for (const [i, raw] of messages.entries()) {
      const where = `seed ${seed} message ${i}`
      const answer = await client.run(`FETCH ${i + 1} (RFC822.SIZE BODY.PEEK[])`)
      expect(answer, where).toContain(`RFC822.SIZE ${raw.length} `)
      expect(literalsOf(answer)[0] === raw.toString('latin1'), where).toBe(true)
    }
    const every = literalsOf(await client.run('FETCH 1:* BODY.PEEK[]'))
    expect(every.length).toBe(messages.length)
    for (const [i, raw] of messages.entries())
      expect(every[i] === raw.toString('latin1'), `seed ${seed} ${i}`).toBe(true)
    // Whatever the message, the same fields from the stored header and from the message itself.
    const kept = await client.run('FETCH 1:* BODY.PEEK[HEADER.FIELDS (SUBJECT FROM)]')
    const cut = await client.run('FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT FROM)] BODY.PEEK[TEXT]<0.1>)')
    // In the order of the answers, which is not that of the messages where some need their bytes.
    const bySequence = (answer: string) =>
      [...answer.matchAll(/\* (\d+) FETCH \(BODY\[HEADER\.FIELDS \(SUBJECT FROM\)\] \{(\d+)\}\r\n/g)]
        .map((found) => {
          const start = found.index + found[0].length
          return { sequence: Number(found[1]), text: answer.slice(start, start + Number(found[2])) }
        })
        .sort((a, b) => a.sequence - b.sequence)
    expect(bySequence(kept), `seed ${seed}`).toEqual(bySequence(cut))
    expect(bySequence(kept).length).toBe(messages.length)
  })

  it('answers from the message where the stored header is incomplete, in between others', async () => {
    await client.run('CREATE Mixed')
    const long = `X: y\r\nReferences: ${'<a@b> '.repeat(4_000)}\r\nSubject: long\r\n\r\n`
    for (const raw of ['Subject: 1\r\n\r\n', long, 'Subject: 3\r\n\r\n']) await client.append('Mixed', raw)
    await client.run('SELECT Mixed')
    const answer = await client.run('FETCH 1:3 (BODY.PEEK[HEADER.FIELDS (SUBJECT)] ENVELOPE)')
    expect(
      [...answer.matchAll(/\* (\d) FETCH \(BODY\[HEADER\.FIELDS \(SUBJECT\)\] \{\d+\}\r\n(Subject: \w+)/g)]
        .map((found) => [found[1], found[2]])
        .sort(),
    ).toEqual([
      ['1', 'Subject: 1'],
      ['2', 'Subject: long'],
      ['3', 'Subject: 3'],
    ])
    expect(answer).toMatch(/t\d+ OK /)
  })
})
