import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LineClient, literalsOf, startTestDoor, type TestDoor } from '../testing'

let door: TestDoor
let client: LineClient

const SIMPLE = [
  'From: Ann <ann@example.test>',
  'To: bob@example.test',
  'Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= "quoted"',
  'Date: Mon, 7 Feb 1994 21:52:25 -0800',
  'Message-ID: <1@example.test>',
  'X-Folded: one',
  '\ttwo',
  'Content-Type: text/plain; charset=utf-8',
  '',
  'Hello there.',
  'Second line.',
  '',
].join('\r\n')

const PARTS = [
  'From: ann@example.test',
  'Subject: parts',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary="b1"',
  '',
  'preamble',
  '--b1',
  'Content-Type: text/plain; charset=us-ascii',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'caf=E9 and soft=',
  ' break',
  '--b1',
  'Content-Type: application/octet-stream; name=x.bin',
  'Content-Transfer-Encoding: base64',
  'Content-Disposition: attachment; filename=x.bin',
  '',
  Buffer.from([1, 0, 2, 255]).toString('base64'),
  '--b1',
  'Content-Type: message/rfc822',
  '',
  'From: inner@example.test',
  'Subject: inside',
  'Content-Type: multipart/alternative; boundary=b2',
  '',
  '--b2',
  'Content-Type: text/plain',
  '',
  'inner plain',
  '--b2',
  'Content-Type: text/html',
  '',
  '<p>inner</p>',
  '--b2--',
  '--b1',
  'Content-Type: text/plain',
  'Content-Transfer-Encoding: x-uuencode',
  '',
  'begin 644 x',
  '--b1--',
  'epilogue',
  '',
].join('\r\n')

const fetched = (answer: string): string => answer.replace(/\r\nt\d+ OK[^\r]*\r\n$/, '')
/** The literals and quoted strings after each label of one FETCH. */
const section = async (item: string, message = 2): Promise<string> => {
  const answer = await client.run(`FETCH ${message} BODY.PEEK[${item}]`)
  expect(answer).toMatch(/^t\d+ OK /m)
  return answer.includes('] "")') ? '' : (literalsOf(answer)[0] ?? 'no literal')
}

beforeAll(async () => {
  door = await startTestDoor()
  client = await LineClient.open(door.port, door.account)
  await client.append('INBOX', SIMPLE, '(\\Flagged $Work) "17-Jul-1996 02:44:25 -0700"')
  await client.append('INBOX', PARTS)
  await client.append('INBOX', 'Subject: empty\r\n\r\n')
  await client.run('SELECT INBOX')
})
afterAll(async () => {
  client.end()
  await door.stop()
})

describe('FETCH of what the mailbox knows', () => {
  it('answers each item, in the order asked', async () => {
    const answer = await client.run('FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE THREADID MODSEQ)')
    expect(fetched(answer)).toMatch(
      new RegExp(
        `\\* 1 FETCH \\(UID 1 FLAGS \\(\\\\Flagged \\$Work\\) INTERNALDATE "17-Jul-1996 09:44:25 \\+0000" RFC822.SIZE ${Buffer.byteLength(SIMPLE)} THREADID NIL MODSEQ \\(\\d+\\)\\)`,
      ),
    )
    expect(await client.run('FETCH 1 SAVEDATE')).toMatch(/SAVEDATE "[ \d]\d-[A-Z][a-z]{2}-\d{4} [\d:]{8} \+0000"\)/)
    const id = /EMAILID \(([A-Za-z0-9_-]{1,255})\)/.exec(await client.run('FETCH 1 EMAILID'))?.[1]
    expect(await client.run('UID FETCH 1:3 (EMAILID UID)')).toContain(`* 1 FETCH (EMAILID (${id}) UID 1)`)
  })

  it('reads macros alone, and each item once', async () => {
    const fast = 'FLAGS (\\Flagged $Work) INTERNALDATE "17-Jul-1996 09:44:25 +0000" RFC822.SIZE'
    expect(await client.run('FETCH 1 FAST')).toContain(`* 1 FETCH (${fast} ${Buffer.byteLength(SIMPLE)})\r\n`)
    expect(await client.run('FETCH 1 ALL')).toMatch(/RFC822\.SIZE \d+ ENVELOPE \(/)
    expect(await client.run('fetch 1 full')).toMatch(/ENVELOPE \(.*\) BODY \("text" "plain"/)
    expect(await client.run('FETCH 1 (FAST)')).toMatch(/^t\d+ BAD /)
    expect(await client.run('FETCH 1 (FLAGS UID FLAGS)')).toContain('* 1 FETCH (FLAGS (\\Flagged $Work) UID 1)\r\n')
  })

  it('answers UID to UID FETCH, asked or not', async () => {
    expect(await client.run('UID FETCH 2:* FLAGS')).toMatch(
      /^\* 2 FETCH \(UID 2 FLAGS \([^)]*\)\)\r\n\* 3 FETCH \(UID 3 FLAGS \([^)]*\)\)\r\nt\d+ OK /,
    )
    expect(await client.run('UID FETCH 77 FLAGS')).toMatch(/^t\d+ OK /)
    expect(await client.run('FETCH 77 FLAGS')).toMatch(/^t\d+ BAD /)
  })

  it('shows ENVELOPE, BODYSTRUCTURE, BODY and PREVIEW', async () => {
    expect(await client.run('FETCH 1 ENVELOPE')).toContain(
      '(ENVELOPE ("Mon, 7 Feb 1994 21:52:25 -0800" "=?utf-8?Q?Gr=C3=BC=C3=9Fe?= \\"quoted\\"" (("Ann" NIL "ann" "example.test"))',
    )
    expect(await client.run('FETCH 1 BODYSTRUCTURE')).toContain(
      '("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 28 2 NIL NIL NIL NIL)',
    )
    expect(await client.run('FETCH 1 BODY')).toContain(
      '* 1 FETCH (BODY ("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 28 2))',
    )
    expect(await client.run('FETCH 1 (PREVIEW (LAZY) UID)')).toContain('(PREVIEW "Hello there. Second line." UID 1)')
    expect(await client.run('FETCH 3 PREVIEW')).toContain('(PREVIEW "")')
    await client.append('Letters', 'x')
    await client.append('INBOX', 'Subject: u\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGrüße "hier"\r\n')
    await client.run('NOOP')
    expect(literalsOf(await client.run('FETCH 4 PREVIEW'))).toEqual([Buffer.from('Grüße "hier"').toString('latin1')])
  })

  it('answers for all messages of a set, whatever the mixture', async () => {
    const answer = await client.run('FETCH 1:3 (ENVELOPE UID BODY.PEEK[HEADER.FIELDS (SUBJECT)] RFC822.SIZE PREVIEW)')
    for (const n of [1, 2, 3]) expect(answer).toMatch(new RegExp(`\\* ${n} FETCH \\(ENVELOPE .* UID ${n} BODY`))
    expect(literalsOf(answer)[1]).toBe('Subject: parts\r\n\r\n')
    const withBody = await client.run('FETCH 1:3 (ENVELOPE EMAILID BODY.PEEK[TEXT] BODYSTRUCTURE)')
    for (const n of [1, 2, 3]) expect(withBody).toMatch(new RegExp(`\\* ${n} FETCH \\(ENVELOPE `))
    expect(literalsOf(withBody)[0]).toBe('Hello there.\r\nSecond line.\r\n')
  })
})

describe('FETCH BODY[...]', () => {
  const part = (start: string, end: string) => {
    const from = PARTS.indexOf(start)
    return PARTS.slice(from, PARTS.indexOf(end, from))
  }

  it('cuts every section', async () => {
    expect(await section('')).toBe(PARTS)
    const split = PARTS.indexOf('\r\n\r\n') + 4
    expect(await section('HEADER')).toBe(PARTS.slice(0, split))
    expect(await section('TEXT')).toBe(PARTS.slice(split))
    expect(await section('1')).toBe('caf=E9 and soft=\r\n break')
    expect(await section('1.MIME')).toBe(part('Content-Type: text/plain; charset=us-ascii', 'caf=E9'))
    expect(await section('2')).toBe('AQAC/w==')
    expect(await section('3')).toBe(
      part('From: inner', '\r\n--b1\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: x-'),
    )
    expect(await section('3.HEADER')).toBe(part('From: inner', '--b2\r\n'))
    expect(await section('3.TEXT')).toBe(
      part('--b2\r\n', '\r\n--b1\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: x-'),
    )
    expect(await section('3.MIME')).toBe('Content-Type: message/rfc822\r\n\r\n')
    expect(await section('3.1')).toBe('inner plain')
    expect(await section('3.2.MIME')).toBe('Content-Type: text/html\r\n\r\n')
    expect(await section('3.HEADER.FIELDS (subject)')).toBe('Subject: inside\r\n\r\n')
    expect(await section('3.HEADER.FIELDS.NOT (subject FROM)')).toMatch(
      /^Content-Type: multipart\/alternative[^\n]*\n\r\n$/,
    )
    expect(await section('5')).toBe('')
    expect(await section('1.HEADER')).toBe('')
    expect(await section('4294967295.1.1')).toBe('')
    expect(await section('1', 1)).toBe('Hello there.\r\nSecond line.\r\n')
    expect(await section('2', 1)).toBe('')
    expect(await section('TEXT', 3)).toBe('')
  })

  it('picks header fields, kept ones and others', async () => {
    const header = SIMPLE.slice(0, SIMPLE.indexOf('\r\n\r\n') + 4)
    expect(await section('HEADER.FIELDS (To X-FOLDED)', 1)).toBe(
      'To: bob@example.test\r\nX-Folded: one\r\n\ttwo\r\n\r\n',
    )
    expect(await section('HEADER.FIELDS (to FROM from)', 1)).toBe(
      'From: Ann <ann@example.test>\r\nTo: bob@example.test\r\n\r\n',
    )
    expect(await section('HEADER.FIELDS (Bcc)', 1)).toBe('\r\n')
    expect(await section('HEADER.FIELDS.NOT (X-Nothing)', 1)).toBe(header)
    expect(await client.run('FETCH 1 BODY.PEEK[header.fields ("To" bcc)]')).toContain(
      'BODY[HEADER.FIELDS ("TO" bcc)]'.replace('"TO"', 'To'),
    )
    expect(literalsOf(await client.run('FETCH 1 BODY.PEEK[HEADER.FIELDS ({2+}\r\nTo)]'))).toEqual([
      'To: bob@example.test\r\n\r\n',
    ])
  })

  it('cuts partials, empty beyond the end', async () => {
    expect(await client.run('FETCH 2 BODY.PEEK[]<0.4>')).toContain('* 2 FETCH (BODY[]<0> {4}\r\nFrom)\r\n')
    expect(await client.run('FETCH 2 BODY.PEEK[1]<5.3>')).toContain('BODY[1]<5> {3}\r\n9 a)')
    expect(await client.run('FETCH 2 BODY.PEEK[2]<6.4000000000>')).toContain('BODY[2]<6> {2}\r\n==)')
    expect(await client.run('FETCH 2 BODY.PEEK[2]<8.10>')).toContain('BODY[2]<8> "")')
    expect(await client.run('FETCH 2 BODY.PEEK[2]<99999999999.10>')).toContain('BODY[2]<99999999999> "")')
    expect(await client.run('FETCH 2 BODY.PEEK[HEADER.FIELDS (SUBJECT)]<0.7>')).toContain(
      'BODY[HEADER.FIELDS (SUBJECT)]<0> {7}\r\nSubject)',
    )
    expect(await client.run('FETCH 2 BODY.PEEK[9]<0.7>')).toContain('BODY[9]<0> "")')
    expect(await client.run('FETCH 2 BODY.PEEK[]<0.0>')).toMatch(/^t\d+ BAD /)
  })

  it('knows the names of RFC 3501', async () => {
    expect(literalsOf(await client.run('FETCH 2 (RFC822.HEADER)'))[0]).toBe(await section('HEADER'))
    expect(await client.run('FETCH 2 FLAGS')).not.toContain('Seen')
    expect(await client.run('FETCH 2 (RFC822.TEXT)')).toContain('* 2 FETCH (RFC822.TEXT {')
    expect(literalsOf(await client.run('FETCH 2 (RFC822)'))[0]).toBe(PARTS)
  })

  it.each([
    'BODY[NIL]',
    'BODY[HEADER.FIELDS (]',
    'BODY[HEADER.FIELDS ()]',
    'BODY[HEADER.FIELDS]',
    'BODY[HEADER.FIELDS NIL]',
    'BODY[MIME]',
    'BODY[0]',
    'BODY[1.]',
    'BODY[.1]',
    'BODY[01]',
    'BODY[1.HEADER.FOO]',
    'BODY[TEXT.1]',
    'BODY[1',
    'BODY[]<1>',
    'BODY[]<1.2',
    'BODY[]<NIL.NIL>',
    'BODY[(NIL)]',
    'BODY.PEEK',
    'BINARY[TEXT]',
    'BINARY.SIZE[1]<0.1>',
    'BINARY',
    'NIL',
    '(NIL)',
    '()',
    '(FLAGS',
    'FLAGS)',
    'FLAGS UID',
    'FLAGS (CHANGEDSINCE)',
    'FLAGS (CHANGEDSINCE NIL)',
    'FLAGS (NIL)',
    'FLAGS (VANISHED)',
    'FLAGS (PARTIAL 0:1)',
    'FLAGS (PARTIAL -1:2)',
    'PREVIEW (EAGER)',
    '"FLAGS"',
    'BODY[HEADER.FIELDS ("a\u00ff")]',
  ])('refuses %s', async (item) => {
    expect(await client.run(`FETCH 1 ${item}`)).toMatch(/^t\d+ BAD /)
    expect(await client.run('NOOP')).toMatch(/^t\d+ OK /m)
  })

  it('takes NIL for the name of a field', async () => {
    expect(await section('HEADER.FIELDS (NIL)', 1)).toBe('\r\n')
  })
})

describe('FETCH BINARY', () => {
  it('undoes transfer encodings', async () => {
    expect(await client.run('FETCH 2 (BINARY.PEEK[1] BINARY.SIZE[1])')).toContain(
      '* 2 FETCH (BINARY[1] {19}\r\ncaf\u00e9 and soft break BINARY.SIZE[1] 19)\r\n',
    )
    expect(await client.run('FETCH 2 (BINARY.SIZE[2] BINARY.PEEK[2])')).toContain(
      '* 2 FETCH (BINARY.SIZE[2] 4 BINARY[2] ~{4}\r\n\u0001\0\u0002\u00ff)\r\n',
    )
    expect(await client.run('FETCH 2 BINARY.PEEK[2]<2.9>')).toContain('BINARY[2]<2> {2}\r\n\u0002\u00ff)')
    expect(literalsOf(await client.run('FETCH 2 BINARY.PEEK[3]'))[0]).toBe(await section('3'))
    expect(literalsOf(await client.run('FETCH 2 BINARY.PEEK[]'))[0]).toBe(PARTS)
    expect(await client.run('FETCH 2 BINARY.PEEK[7]')).toContain('BINARY[7] "")')
  })

  it('says which encodings nobody knows, and answers the rest', async () => {
    expect(await client.run('FETCH 2 (UID BINARY.PEEK[4])')).toMatch(
      /^\* 2 FETCH \(UID 2\)\r\nt\d+ NO \[UNKNOWN-CTE\] /,
    )
    expect(await client.run('FETCH 2 (BINARY.SIZE[4])')).toMatch(/^t\d+ NO \[UNKNOWN-CTE\] /)
  })
})

describe('FETCH that reads', () => {
  it('marks as seen once, and tells the flags with the answer', async () => {
    await client.run('CREATE Seen')
    for (let i = 0; i < 2; i++) await client.append('Seen', SIMPLE)
    await client.run('SELECT Seen')
    expect(await client.run('FETCH 1 BODY.PEEK[TEXT]')).not.toContain('Seen')
    const first = await client.run('FETCH 1:2 BODY[HEADER.FIELDS (TO)]')
    expect(first.match(/ FLAGS \(\\Seen\) MODSEQ \(\d+\)\)\r\n/g)).toHaveLength(2)
    // With the mod-sequence, since this session has asked for some before. Told with the answer, and not once more.
    expect(first.match(/ FETCH /g)).toHaveLength(2)
    expect(await client.run('FETCH 1:2 BODY[TEXT]')).not.toContain('FLAGS')
    await client.run('STORE 1:2 -FLAGS.SILENT (\\Seen)')
    expect(await client.run('FETCH 1 (FLAGS BINARY[1])')).toMatch(
      /\* 1 FETCH \(FLAGS \(\\Seen\) BINARY\[1\] [^F]*\)\r\nt/,
    )
    await client.run('EXAMINE Seen')
    expect(await client.run('FETCH 2 BODY[TEXT]')).not.toContain('FLAGS')
    expect(await client.run('FETCH 2 FLAGS')).toContain('FLAGS ()')
    await client.run('SELECT INBOX')
  })
})

describe('FETCH and mod-sequences', () => {
  it('answers what changed since, and what vanished', async () => {
    const one = await LineClient.open(door.port, door.account)
    await one.run('CREATE Sync')
    for (let i = 0; i < 6; i++) await one.append('Sync', `Subject: ${i}\r\n\r\n`)
    const since = /HIGHESTMODSEQ (\d+)/.exec(await one.run('SELECT Sync'))?.[1]
    await one.run('STORE 2 +FLAGS.SILENT (\\Flagged)')
    expect(await one.run('UID FETCH 1:* FLAGS (CHANGEDSINCE 1 VANISHED)')).toMatch(/^t\d+ BAD /)
    const changed = await one.run(`FETCH 1:* FLAGS (CHANGEDSINCE ${since})`)
    expect(changed).toMatch(/^\* OK \[HIGHESTMODSEQ \d+\]/)
    expect(changed).toMatch(/\* 2 FETCH \(FLAGS \(\\Flagged\) MODSEQ \(\d+\)\)\r\nt\d+ OK/)
    expect(changed.match(/ FETCH /g)).toHaveLength(1)
    await one.run('ENABLE QRESYNC')
    await one.run('STORE 4:6 +FLAGS.SILENT (\\Deleted)')
    await one.run('EXPUNGE')
    expect(await one.run(`UID FETCH 1:5 FLAGS (CHANGEDSINCE ${since} VANISHED)`)).toMatch(
      /^\* VANISHED \(EARLIER\) 4:5\r\n\* 2 FETCH \(UID 2 FLAGS \(\\Flagged\) MODSEQ \(\d+\)\)\r\nt\d+ OK/,
    )
    expect(await one.run(`UID FETCH 1:* UID (CHANGEDSINCE ${since} VANISHED)`)).toContain('VANISHED (EARLIER) 4:6')
    // Marked by the command itself: the mod-sequence goes with the flags.
    expect(await one.run('UID FETCH 1 BODY[]')).toMatch(/FLAGS \(\\Seen\) MODSEQ \(\d+\)\)\r\nt/)
    one.end()
  })

  it('takes windows of PARTIAL', async () => {
    const uids = async (modifier: string) =>
      [...(await client.run(`UID FETCH 1:* UID (${modifier})`)).matchAll(/UID (\d+)\)/g)].map((found) =>
        Number(found[1]),
      )
    expect(await uids('PARTIAL 1:2')).toEqual([1, 2])
    expect(await uids('PARTIAL 3:2')).toEqual([2, 3])
    expect(await uids('PARTIAL -1:-2')).toEqual([3, 4])
    expect(await uids('PARTIAL -4:-90')).toEqual([1])
    expect(await uids('PARTIAL -5:-90')).toEqual([])
    expect(await uids('PARTIAL 90:99')).toEqual([])
    expect(await uids('PARTIAL -1:-2 CHANGEDSINCE 0')).toEqual([])
  })
})

describe('FETCH of what is gone', () => {
  it('leaves it out, and says so where numbers were used', async () => {
    await client.run('CREATE Gone')
    for (let i = 0; i < 3; i++) await client.append('Gone', `Subject: ${i}\r\n\r\nbody ${i}\r\n`)
    await client.run('SELECT Gone')
    const other = await LineClient.open(await door.secondDoor(), door.account)
    await other.run('SELECT Gone')
    await other.run('STORE 2 +FLAGS.SILENT (\\Deleted)')
    await other.run('EXPUNGE')
    const body = await client.run('FETCH 1:3 BODY.PEEK[TEXT]')
    expect(literalsOf(body)).toEqual(['body 0\r\n', 'body 2\r\n'])
    expect(body).toMatch(/\* 3 FETCH [\s\S]*t\d+ NO \[EXPUNGEISSUED\]/)
    // Told here, where numbers may change.
    expect(await client.run('UID FETCH 1:3 BODY.PEEK[TEXT]')).toMatch(/\* 3 FETCH [\s\S]*\* 2 EXPUNGE\r\nt\d+ OK/)
    other.end()
    await client.run('SELECT INBOX')
  })
})

describe('UIDFETCH (RFC 9586)', () => {
  it('names messages by uid alone', async () => {
    const one = await LineClient.open(door.port, door.account)
    await one.run('ENABLE UIDONLY')
    await one.run('SELECT INBOX')
    expect(await one.run('FETCH 1 FLAGS')).toMatch(/^t\d+ BAD \[UIDREQUIRED\]/)
    expect(await one.run('UID FETCH 1 (UID RFC822.SIZE)')).toContain(
      `* 1 UIDFETCH (RFC822.SIZE ${Buffer.byteLength(SIMPLE)})`,
    )
    one.end()
  })
})
