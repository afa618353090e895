import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { updateMailbox } from '#mailcore/store/provision'
import { LineClient, literalsOf, startTestDoor, type TestDoor } from '../testing'
import { messageBytesHeld } from '../wire/message-room'

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

const lit = (text: string) => `{${text.length}+}\r\n${text}`
const count = async (mailbox: string) =>
  Number(/MESSAGES (\d+)/.exec(await client.run(`STATUS ${mailbox} (MESSAGES)`))?.[1])

describe('APPEND', () => {
  it('stores flags and date, and tells the selected mailbox', async () => {
    await client.run('SELECT INBOX')
    const answer = await client.run(
      `APPEND inbox (\\Seen $Work) " 7-Feb-1994 21:52:25 -0800" ${lit('Subject: a\r\n\r\n')}`,
    )
    expect(answer).toMatch(/^\* 1 EXISTS\r\n(?:.*\r\n)*t\d+ OK \[APPENDUID \d+ 1\]/)
    expect(await client.run('FETCH 1 (FLAGS INTERNALDATE)')).toContain(
      'FLAGS (\\Seen $Work) INTERNALDATE "08-Feb-1994 05:52:25 +0000"',
    )
    const before = Date.now() - 5_000
    await client.append('INBOX', 'x')
    const date = /INTERNALDATE "([^"]+)"/.exec(await client.run('FETCH 2 INTERNALDATE'))?.[1] ?? ''
    expect(Date.parse(date)).toBeGreaterThan(before)
  })

  it('takes literal8 and UTF8 data as they are', async () => {
    expect(await client.run('APPEND INBOX ~{3+}\r\na\0b')).toMatch(/OK \[APPENDUID \d+ 3\]/)
    expect(await client.run('APPEND INBOX UTF8 (~{2+}\r\n\u00c3\u00a4)')).toMatch(/OK \[APPENDUID \d+ 4\]/)
    expect(literalsOf(await client.run('FETCH 3:4 BODY.PEEK[]'))).toEqual(['a\0b', '\u00c3\u00a4'])
  })

  it('says what is wrong', async () => {
    const before = await count('INBOX')
    expect(await client.append('Nowhere', 'x')).toMatch(/^t\d+ NO \[TRYCREATE\]/)
    expect(await client.append('"Other Users/nobody@x/y"', 'x')).toMatch(/^t\d+ NO \[TRYCREATE\]/)
    expect(await client.append('INBOX', '')).toMatch(/^t\d+ NO /)
    expect(await client.append('INBOX', 'x', '(\\Recent)')).toMatch(/^t\d+ BAD /)
    expect(await client.append('INBOX', 'x', '"yesterday"')).toMatch(/^t\d+ BAD /)
    expect(await client.append('INBOX', 'x', '"31-Feb-2024 00:00:00 +0000"')).toMatch(/^t\d+ BAD /)
    expect(await client.append('INBOX', 'x', 'NIL')).toMatch(/^t\d+ BAD /)
    expect(await client.run('APPEND INBOX "x"')).toMatch(/^t\d+ BAD /)
    expect(await client.run('APPEND INBOX')).toMatch(/^t\d+ BAD /)
    expect(await client.run('APPEND INBOX {60000000}')).toMatch(/^t\d+ NO \[TOOBIG\]/)
    expect(await count('INBOX')).toBe(before)
  })
})

describe('MULTIAPPEND', () => {
  it('stores all, each with its own flags', async () => {
    await client.run('CREATE Multi')
    expect(
      await client.run(
        `APPEND Multi (\\Seen) ${lit('one')} " 7-Feb-1994 21:52:25 -0800" ${lit('two')} (kw) ${lit('three')} CATENATE (TEXT ${lit('fo')} TEXT ${lit('ur')})`,
      ),
    ).toMatch(/OK \[APPENDUID \d+ 1:4\]/)
    await client.run('SELECT Multi')
    const answer = await client.run('FETCH 1:* (FLAGS BODY.PEEK[])')
    expect(literalsOf(answer)).toEqual(['one', 'two', 'three', 'four'])
    expect(answer).toMatch(/1 FETCH \(FLAGS \(\\Seen\)[\s\S]*2 FETCH \(FLAGS \(\)[\s\S]*3 FETCH \(FLAGS \(kw\)/)
  })

  it('stores none when one cannot be', async () => {
    expect(await client.run(`APPEND Multi ${lit('one')} {0+}\r\n`)).toMatch(/^t\d+ NO /)
    expect(await client.run(`APPEND Multi ${lit('one')} CATENATE (URL "/Multi/;UID=99")`)).toMatch(
      /NO \[BADURL \/Multi\/;UID=99\]/,
    )
    expect(await client.run(`APPEND Multi ${lit('one')} ${lit('two')} NIL`)).toMatch(/^t\d+ BAD /)
    const { accountId, tenantId, region } = door.other
    const bob = await LineClient.open(door.port, door.other)
    await updateMailbox(door.world.db, { accountId, tenantId, region }, { quotaBytes: 20_000 })
    const big = lit('y'.repeat(15_000))
    expect(await bob.run(`APPEND INBOX ${big} ${big}`)).toMatch(/^t\d+ NO \[OVERQUOTA\]/m)
    expect(await bob.run('STATUS INBOX (MESSAGES)')).toContain('MESSAGES 0')
    expect(await bob.run(`APPEND INBOX ${big}`)).toMatch(/OK \[APPENDUID/)
    expect(await bob.run(`APPEND INBOX ${big}`)).toMatch(/^t\d+ NO \[OVERQUOTA\]/m)
    bob.end()
    expect(await count('Multi')).toBe(4)
  })
})

describe('CATENATE', () => {
  it('puts texts and parts of own messages together', async () => {
    await client.run('CREATE "Caf&AOk- x"')
    await client.append('"Caf&AOk- x"', 'Subject: from\r\nTo: b\r\n\r\nbody text')
    const selected = await client.run('SELECT "Caf&AOk- x"')
    const validity = /UIDVALIDITY (\d+)/.exec(selected)?.[1]
    const path = `/Caf%C3%A9%20x;UIDVALIDITY=${validity}/;UID=1`
    const answer = await client.run(
      `APPEND INBOX CATENATE (URL "${path}/;SECTION=HEADER" TEXT ${lit('[')} URL ";UID=1/;section=TEXT/;PARTIAL=5.4" TEXT ~{1+}\r\n] URL "imap://${encodeURIComponent(door.account.address)}@any.example/Caf%C3%A9%20x/;UID=1/;section=HEADER.FIELDS%20(To)" URL /;UID=1/;PARTIAL=29)`,
    )
    const uid = /APPENDUID \d+ (\d+)/.exec(answer)?.[1]
    await client.run('SELECT INBOX')
    expect(literalsOf(await client.run(`UID FETCH ${uid} BODY.PEEK[]`))).toEqual([
      'Subject: from\r\nTo: b\r\n\r\n[text]To: b\r\n\r\ntext',
    ])
  })

  it.each([
    '/Nowhere/;UID=1',
    '/INBOX/;UID=9999',
    '/INBOX/;UID=0',
    '/INBOX/;UID=1/;SECTION=9',
    '/INBOX/;UID=1/;SECTION=NIL',
    '/INBOX/;UID=1/;SECTION=%ff',
    '/INBOX;UIDVALIDITY=1/;UID=1',
    '/INBOX',
    'INBOX/;UID=1',
    'imap://someone@else.example/INBOX/;UID=1',
    'imap:///;UID=1',
    'http://x/',
    '/INBOX/;UID=1/;UID=1',
    '/INBOX/;UID=1/;PARTIAL=x',
    '/INBOX/;UID=1;FOO=1',
  ])('refuses %s', async (url) => {
    const before = await count('Multi')
    expect(await client.run(`APPEND Multi CATENATE (TEXT ${lit('a')} URL "${url}")`)).toContain(
      `NO [BADURL ${url.replaceAll(']', '%5D')}]`,
    )
    expect(await count('Multi')).toBe(before)
  })

  it.each(['()', '(NIL)', '(TEXT)', '(TEXT NIL)', '(URL NIL NIL)', '(URL "a b")', 'NIL'])(
    'cannot read %s',
    async (parts) => {
      expect(await client.run(`APPEND Multi CATENATE ${parts}`)).toMatch(/^t\d+ BAD /)
    },
  )

  it('refuses what becomes too large', async () => {
    await client.run('CREATE Large')
    const uid = /APPENDUID \d+ (\d+)/.exec(await client.append('Large', Buffer.alloc(1_000_000, 'z')))?.[1]
    const url = `URL "/Large/;UID=${uid}"`
    expect(await client.run(`APPEND Large CATENATE (${Array(60).fill(url).join(' ')})`)).toMatch(/NO \[TOOBIG\]/)
    expect(await count('Large')).toBe(1)
  })
})

describe('REPLACE', () => {
  it('puts one message in place of another', async () => {
    await client.run('CREATE Drafts2')
    for (const text of ['one', 'two', 'three']) await client.append('Drafts2', text)
    await client.run('SELECT Drafts2')
    const answer = await client.run(`REPLACE 2 Drafts2 (\\Draft) ${lit('better')}`)
    expect(answer).toMatch(/^\* OK \[APPENDUID \d+ 4\][^\n]*\n(?:\* [^\n]*\n)*\* 2 EXPUNGE\r\n(?:\* [^\n]*\n)*t\d+ OK /)
    expect(answer).toContain('* 3 EXISTS')
    expect(literalsOf(await client.run('FETCH 1:* BODY.PEEK[]'))).toEqual(['one', 'three', 'better'])
    expect(await client.run(`UID REPLACE 1 INBOX CATENATE (URL ";UID=1" TEXT ${lit('!')})`)).toMatch(/\* 1 EXPUNGE/)
    expect(literalsOf(await client.run('FETCH 1:* BODY.PEEK[]'))).toEqual(['three', 'better'])
    expect(await client.run(`REPLACE * Drafts2 ${lit('last')}`)).toMatch(/\* 2 EXPUNGE/)
  })

  it('stores nothing where there is nothing to replace', async () => {
    const before = await count('Drafts2')
    expect(await client.run(`UID REPLACE 77 Drafts2 ${lit('x')}`)).toMatch(/^t\d+ NO /)
    expect(await client.run(`REPLACE 77 Drafts2 ${lit('x')}`)).toMatch(/^t\d+ BAD /)
    expect(await client.run(`REPLACE 1:2 Drafts2 ${lit('x')}`)).toMatch(/^t\d+ BAD /)
    expect(await client.run(`REPLACE $ Drafts2 ${lit('x')}`)).toMatch(/^t\d+ BAD /)
    expect(await client.run(`REPLACE 1 Nowhere ${lit('x')}`)).toMatch(/NO \[TRYCREATE\]/)
    expect(await client.run(`REPLACE 1 Drafts2 CATENATE (URL "/Nowhere/;UID=1")`)).toMatch(/NO \[BADURL/)
    expect(await client.run(`REPLACE 1 Drafts2 ${lit('x')} ${lit('y')}`)).toMatch(/^t\d+ BAD /)
    await client.run('EXAMINE Drafts2')
    expect(await client.run(`REPLACE 1 Drafts2 ${lit('x')}`)).toMatch(/^t\d+ NO \[READ-ONLY\]/)
    expect(await count('Drafts2')).toBe(before)
  })

  it('finds that another session took the message away', async () => {
    await client.run('SELECT Drafts2')
    const other = await LineClient.open(await door.secondDoor(), door.account)
    await other.run('SELECT Drafts2')
    await other.run('STORE 1 +FLAGS.SILENT (\\Deleted)')
    await other.run('EXPUNGE')
    // Asked of the other session: to answer, this one would look and know.
    const status = await other.run('STATUS Drafts2 (MESSAGES)')
    expect(await client.run(`REPLACE 1 Drafts2 ${lit('x')}`)).toMatch(/^t\d+ NO \[EXPUNGEISSUED\]/m)
    const messages = /MESSAGES \d+/
    expect(messages.exec(await other.run('STATUS Drafts2 (MESSAGES)'))?.[0]).toBe(messages.exec(status)?.[0])
    other.end()
  })
})

describe('a mailbox that is shared', () => {
  it('takes what its owner allows', async () => {
    await client.run('CREATE Team')
    const name = `"Other Users/${door.account.address}/Team"`
    await updateMailbox(door.world.db, door.other, { quotaBytes: 10_000_000 })
    const bob = await LineClient.open(door.port, door.other)
    expect(await bob.append(name, 'x')).toMatch(/NO \[TRYCREATE\]/)
    await client.run(`SETACL Team ${door.other.address} lr`)
    expect(await bob.append(name, 'x')).toMatch(/NO \[NOPERM\]/)
    await client.run(`SETACL Team ${door.other.address} lris`)
    expect(await bob.append(name, 'x', '(\\Seen \\Deleted \\Flagged kw)')).toMatch(/OK \[APPENDUID/)
    await client.run('SELECT Team')
    expect(await client.run('FETCH 1 (FLAGS BODY.PEEK[])')).toContain('FLAGS (\\Seen) BODY[] {1}\r\nx')
    await bob.run(`SELECT ${name}`)
    expect(await bob.run(`APPEND INBOX CATENATE (URL ";UID=1")`)).toMatch(/OK \[APPENDUID/)
    expect(await bob.run(`REPLACE 1 INBOX ${lit('y')}`)).toMatch(/NO \[(NOPERM|READ-ONLY)\]/)
    bob.end()
  })
})

describe('CATENATE over and over', () => {
  it('holds no more than its account may, however short the URLs are', async () => {
    await client.run('CREATE Repeated')
    const uid = /APPENDUID \d+ (\d+)\]/.exec(await client.append('Repeated', 'x'.repeat(10_000_000)))?.[1]
    const one = `CATENATE (${`URL "/Repeated/;UID=${uid}" `.repeat(5).trim()})`
    expect(await client.run(`APPEND Repeated ${`${one} `.repeat(3).trim()}`)).toMatch(/^t\d+ NO \[LIMIT\]/)
    expect(await count('Repeated')).toBe(1)
    expect(messageBytesHeld()).toBe(0)
    await client.run('DELETE Repeated')
  })
})
