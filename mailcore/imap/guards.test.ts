import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LineClient, startTestDoor } from './testing'

const BEFORE_LOGIN = [
  ...[
    'LOGIN NIL NIL',
    'LOGIN (a) (b)',
    'LOGIN',
    'AUTHENTICATE PLAIN',
    'AUTHENTICATE PLAIN NIL',
    'AUTHENTICATE PLAIN (x)',
  ],
  ...['AUTHENTICATE PLAIN =', 'AUTHENTICATE PLAIN AAAA', 'ID NIL', 'ID ((a) (b))', 'ID (NIL NIL)', 'STARTTLS x'],
  ...[
    'CAPABILITY x',
    'LOGOUT x',
    'LOGIN {0}',
    'LOGIN "a" {3}',
    '{5}',
    'A {3}',
    `LOGIN ${'('.repeat(5000)}`,
    'SELECT INBOX',
    'FETCH 1 UID',
  ],
]
const AFTER_LOGIN = [
  ...[
    'LSUB "" ""',
    'LIST "" ""',
    'LIST "" "" RETURN (SPECIAL-USE)',
    'LIST () "" "*"',
    'LIST NIL NIL',
    'LIST "" NIL',
    'XLIST "" ""',
  ],
  ...[
    'LSUB NIL NIL',
    'LSUB "" "%[(*"',
    'LIST "" "[("',
    'LIST "" "a{1,}"',
    'LIST "" "\\\\"',
    'SELECT NIL',
    'SELECT (a)',
    'SELECT ""',
  ],
  ...[
    'SELECT INBOX (QRESYNC (1 2))',
    'EXAMINE "INBOX" ((x))',
    'STATUS INBOX ()',
    'STATUS INBOX (NIL)',
    'STATUS (A) (MESSAGES)',
  ],
  ...[
    'STATUS NIL (MESSAGES)',
    'CREATE NIL',
    'CREATE (x)',
    'CREATE ""',
    'CREATE "&&&-"',
    'DELETE NIL',
    'RENAME NIL NIL',
    'RENAME (a) (b)',
  ],
  ...['SUBSCRIBE NIL', 'APPEND NIL {1}', 'APPEND INBOX NIL', 'APPEND INBOX (\\Seen) "x"', 'APPEND'],
  ...[
    'APPEND INBOX (NIL) "01-Jan-2026 00:00:00 +0000" "x"',
    'FETCH 1 ()',
    'FETCH 1 NIL',
    'FETCH 1 (NIL)',
    'FETCH NIL (UID)',
  ],
  ...[
    'FETCH (1) (UID)',
    'FETCH 1 (BODY[])',
    'FETCH 1 BODY[1.2.3.MIME]',
    'FETCH 1 BODY[]<9999.1>',
    'FETCH 1 BODY[9.9.HEADER]',
  ],
  ...[
    'FETCH 1 BODY[HEADER.FIELDS ()]',
    'FETCH 1 BODY[HEADER.FIELDS]',
    'FETCH 1 BODY[HEADER.FIELDS (NIL)]',
    'FETCH 1 BODY[HEADER.FIELDS NIL]',
  ],
  ...[
    'FETCH 1 BODY[NIL]',
    'FETCH 1 (UID) (CHANGEDSINCE)',
    'FETCH 1 (UID) (NIL 1)',
    'FETCH 1 (UID (FLAGS))',
    'FETCH 1 "UID"',
  ],
  ...[
    'FETCH 1 (BODYSTRUCTURE BODY)',
    'FETCH 1 BODY[1',
    'FETCH 1 BODY[]<a.b>',
    'UID FETCH * BODY.PEEK[TEXT]<-1.5>',
    'STORE 1 FLAGS NIL',
  ],
  ...[
    'STORE 1 NIL (\\Seen)',
    'STORE 1 (UNCHANGEDSINCE NIL) FLAGS (\\Seen)',
    'STORE 1 FLAGS \\Seen',
    'STORE 1 FLAGS ((x))',
    'STORE 1 FLAGS',
  ],
  ...[
    'UID STORE 1 (NIL) FLAGS (x)',
    'SEARCH',
    'SEARCH NIL',
    'SEARCH NOT',
    'SEARCH OR',
    'SEARCH OR SEEN',
    'SEARCH HEADER',
    'SEARCH HEADER X',
  ],
  ...[
    'SEARCH MODSEQ',
    'SEARCH MODSEQ x',
    'SEARCH UID',
    'SEARCH UID x',
    'SEARCH SINCE',
    'SEARCH SINCE x',
    'SEARCH LARGER',
    'SEARCH ()',
  ],
  ...[
    'SEARCH (NIL)',
    'SEARCH CHARSET',
    'SEARCH KEYWORD',
    'SEARCH FROM NIL',
    'SEARCH NOT NOT NOT NOT SEEN',
    'SEARCH constructor',
  ],
  ...[
    'SEARCH __proto__',
    'SEARCH toString x',
    'UID SEARCH hasOwnProperty',
    'COPY 1 NIL',
    'COPY 1 ""',
    'COPY NIL INBOX',
    'MOVE 1 (x)',
  ],
  ...[
    'EXPUNGE x',
    'UID EXPUNGE NIL',
    'GETQUOTA NIL',
    'GETQUOTAROOT NIL',
    'GETQUOTAROOT (a)',
    'ID NIL',
    'ID (NIL NIL)',
    'ID ("a" NIL)',
  ],
  ...[
    'ID ("a")',
    'ID ()',
    'ID "x"',
    'ID ((a) (b))',
    'ENABLE',
    'ENABLE NIL',
    'ENABLE ((x))',
    'COMPRESS',
    'COMPRESS NIL',
    'COMPRESS (a)',
  ],
  ...[
    'NAMESPACE x',
    'UID',
    'UID FOO',
    'UID FETCH',
    'XAPPLEPUSHSERVICE NIL',
    'AUTHENTICATE PLAIN',
    'AUTHENTICATE',
    'LOGIN a b',
  ],
  ...[
    'SETQUOTA "" (STORAGE 1)',
    'CHECK',
    'UNSELECT',
    'CLOSE',
    'IDLE',
    '%',
    '(',
    '"',
    '{',
    ')',
    'NOOP\u0000',
    'A{5}',
    'LIST "" {0}',
  ],
  ...[
    'FETCH 1:4294967296 UID',
    'FETCH 99999999999999999999 UID',
    `FETCH ${'1,'.repeat(3000)}1 UID`,
    'UID FETCH 1:*,1:*,1:* UID',
  ],
]

let test: Awaited<ReturnType<typeof startTestDoor>>
const thrown: unknown[] = []
const note = (error: unknown) => void thrown.push(error)

beforeAll(async () => {
  test = await startTestDoor()
  process.on('uncaughtException', note)
  process.on('unhandledRejection', note)
})
afterAll(async () => {
  process.off('uncaughtException', note)
  process.off('unhandledRejection', note)
  await test.door.stop()
})

describe('guards', () => {
  it('survives malformed commands before and after login', async () => {
    test.world.deliver(test.account.accountId, 'From: a@b.test\r\nSubject: one\r\n\r\nbody\r\n')
    const hurl = async (command: string, signIn: boolean) => {
      const client = await LineClient.open(test.port, signIn)
      if (signIn) await client.run('SELECT INBOX')
      client.socket.write(`z ${command}\r\nabc\r\nDONE\r\nz2 NOOP\r\nz3 LOGOUT\r\n`, 'latin1')
      // The dot matches nothing that comes: it ends when the door hangs up, or a literal makes it wait for more.
      await Promise.race([client.until(/\n(z2|z3) |Go ahead|BYE/), new Promise((resolve) => setTimeout(resolve, 300))])
      client.end()
    }
    for (const command of BEFORE_LOGIN) await hurl(command, false)
    for (const command of AFTER_LOGIN) await hurl(command, true)
    expect(BEFORE_LOGIN.length + AFTER_LOGIN.length).toBeGreaterThan(150)
    expect(thrown).toEqual([])
    const client = await LineClient.open(test.port)
    expect(await client.run('NOOP')).toMatch(/ OK /)
    client.end()
  }, 60_000)

  it('offers no STARTTLS, no compression, and carries neither out', async () => {
    const client = new LineClient(test.port)
    const greeting = await client.until(/\r\n/)
    expect(greeting).toContain('[CAPABILITY IMAP4rev1')
    expect(greeting).not.toContain('127.0.0.1')
    expect(greeting + (await client.run('CAPABILITY'))).not.toMatch(/STARTTLS|CLIENTTOKEN|COMPRESS/)
    expect(await client.run('STARTTLS')).toMatch(/ BAD /)
    await client.run('LOGIN ann@example.test "pass word "')
    expect(await client.run('CAPABILITY')).not.toMatch(/STARTTLS|COMPRESS/)
    expect(await client.run('COMPRESS DEFLATE')).toMatch(/ NO /)
    expect(await client.run('NOOP')).toMatch(/ OK /)
    client.end()
  })

  it('answers BAD to sets with zero, and touches nothing', async () => {
    const client = await LineClient.open(test.port)
    await client.run('SELECT INBOX')
    for (const command of [
      'FETCH 0 FLAGS',
      'STORE 0 +FLAGS (\\Deleted)',
      'UID EXPUNGE 0',
      'UID COPY 0:* Sent',
      'SEARCH 0',
      'SEARCH UID 0',
    ]) {
      expect(await client.run(command), command).toMatch(/ BAD /)
    }
    expect(await client.run('SEARCH DELETED')).toMatch(/^\* SEARCH\r\n/)
    client.end()
  })

  it('names the delimiter for an empty pattern', async () => {
    const client = await LineClient.open(test.port)
    expect(await client.run('LIST "" ""')).toContain('* LIST (\\Noselect) "/" ""\r\n')
    expect(await client.run('LSUB "" ""')).toContain('* LSUB (\\Noselect) "/" ""\r\n')
    client.end()
  })

  it('bounds lines and literals of strangers', async () => {
    const liner = await LineClient.open(test.port, false)
    const bye = liner.until(/BYE[^\r]*\r\n/)
    for (let i = 0; i < 64 && liner.socket.writable; i++) liner.socket.write('x'.repeat(4096))
    expect(await bye).toContain('BYE Line too long')
    const hoarder = await LineClient.open(test.port, false)
    expect(await hoarder.run('APPEND INBOX {40000000}')).toMatch(/ NO \[TOOBIG\]/)
    hoarder.end()
    const collector = await LineClient.open(test.port)
    collector.socket.write('c SEARCH')
    for (let i = 0; i < 70 && !collector.closed; i++) {
      collector.socket.write(' BODY {1}\r\n')
      if ((await collector.until(/Go ahead\r\n|BYE[^\r]*\r\n/)).includes('BYE')) break
      collector.socket.write('x')
    }
    await collector.until(/never/)
    expect(collector.closed).toBe(true)
  })
})
