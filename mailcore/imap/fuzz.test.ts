import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LineClient, startTestDoor, type TestDoor } from './testing'

/** A small seeded generator (mulberry32), so that a failure can be had again: MAILTIGHT_FUZZ_SEED. */
function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

const seed = Number(process.env.MAILTIGHT_FUZZ_SEED ?? Date.now() % 1_000_000)
const rounds = Number(process.env.MAILTIGHT_FUZZ_LINES ?? 4_000)

const BEFORE = [
  'LOGIN NIL NIL',
  'LOGIN "a" "b\\"',
  'LOGIN {3+}',
  'LOGIN {99999999+}',
  'ID (NIL NIL)',
  'ID ("name" "x" "version" NIL)',
  'AUTHENTICATE PLAIN =',
  'AUTHENTICATE PLAIN AGEAYg==',
  'AUTHENTICATE OAUTHBEARER bixhPWEsAWF1dGg9QmVhcmVyIHgBAQ==',
  'AUTHENTICATE XOAUTH2 dXNlcj1hAWF1dGg9QmVhcmVyIHgBAQ==',
  'ENABLE QRESYNC',
  'STARTTLS',
  'CAPABILITY',
  'NOOP',
]
const AFTER = [
  'FETCH 1:* (FLAGS UID INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY PREVIEW SAVEDATE EMAILID THREADID MODSEQ)',
  'FETCH 1 (BODY.PEEK[HEADER.FIELDS (SUBJECT NIL)]<0.10> BINARY.SIZE[1] BINARY.PEEK[1]<0.3> BODY[NIL])',
  'FETCH 1 NIL',
  'FETCH 1,2,3:*,$ (BODY[1.2.MIME] BODY[1.TEXT] BODY[TEXT]<1.0>)',
  'UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)',
  'UID FETCH 1:* (FLAGS) (PARTIAL -1:-3)',
  'SEARCH RETURN (MIN MAX COUNT ALL SAVE PARTIAL 1:2) CHARSET UTF-8 OR (FROM a TO b) NOT (SUBJECT "c" BODY d) 1:* UID 1:3',
  'SEARCH NIL',
  'SEARCH NOT NOT NOT ALL OLDER 1 YOUNGER 2 MODSEQ "/flags/\\\\seen" all 3 HEADER x "" KEYWORD $x SAVEDBEFORE 1-Jan-2020',
  'SORT (REVERSE DATE SUBJECT DISPLAYFROM) UTF-8 TEXT x',
  'UID SORT RETURN (PARTIAL 1:10 UPDATE) (ARRIVAL) US-ASCII ALL',
  'THREAD REFERENCES UTF-8 ALL',
  'THREAD ORDEREDSUBJECT US-ASCII SINCE 1-Feb-1994',
  'STORE 1:* (UNCHANGEDSINCE 3) +FLAGS.SILENT (\\Seen $a)',
  'STORE 1 FLAGS \\Recent',
  'COPY 1:* fuzz',
  'UID MOVE 1:2,9:* fuzz',
  'EXPUNGE',
  'LIST (SUBSCRIBED RECURSIVEMATCH) "" ("*" %) RETURN (CHILDREN STATUS (MESSAGES SIZE) MYRIGHTS SPECIAL-USE)',
  'LIST "" *a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a',
  'LSUB "" ""',
  'STATUS INBOX (MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ SIZE DELETED MAILBOXID APPENDLIMIT)',
  'CREATE "fuzz/&AOk-" (USE (\\Sent))',
  'RENAME fuzz "fuzz2"',
  'DELETE fuzz2',
  'SELECT INBOX (QRESYNC (1 2 1:* (1,2 3,4)))',
  'EXAMINE INBOX (CONDSTORE)',
  'APPEND NIL {1+}',
  'APPEND INBOX (NIL) "date" "x"',
  'APPEND INBOX (\\Seen) " 7-Feb-1994 21:52:25 -0800" {3+}\r\nabc',
  'APPEND INBOX CATENATE (URL "/INBOX/;UID=1" TEXT {3+}\r\nabc)',
  'REPLACE 1 INBOX {3+}\r\nabc',
  'SETACL INBOX anyone +lrs',
  'GETACL INBOX',
  'LISTRIGHTS INBOX x@y.test',
  'GETMETADATA (DEPTH infinity MAXSIZE 10) INBOX (/shared/comment /private)',
  'SETMETADATA INBOX (/private/comment ~{3+}\r\nabc /shared/x NIL)',
  'GETQUOTAROOT INBOX',
  'SETQUOTA "" (STORAGE 1)',
  'NOTIFY SET STATUS (selected MessageNew (UID FLAGS) MessageExpunge) (subtree INBOX MailboxName)',
  'NOTIFY NONE',
  'GENURLAUTH "imap://a@b/INBOX/;UID=1;URLAUTH=anonymous" INTERNAL',
  'URLFETCH "imap://a@b/INBOX/;UID=1;URLAUTH=anonymous:INTERNAL:00"',
  'RESETKEY INBOX INTERNAL',
  'CANCELUPDATE "x"',
  'ENABLE CONDSTORE UTF8=ACCEPT',
  'NAMESPACE',
  'CHECK',
  'UNSELECT',
  'CLOSE',
]
const SPICE = [
  '(',
  ')',
  '"',
  '\\',
  '{',
  '}',
  '{4294967296}',
  '{-1}',
  '{5+}',
  '*',
  '%',
  '$',
  ':',
  ',',
  '0',
  '4294967296',
  'NIL',
  '\0',
  '\x80',
  ' ',
  '  ',
  '[',
  ']',
  '<',
  '>',
  '&',
  '+',
  '~',
]

function mutate(line: string, random: (below: number) => number): string {
  let text = line
  for (let n = random(4); n > 0; n--) {
    const at = random(text.length + 1)
    switch (random(5)) {
      case 0:
        text = text.slice(0, at) + text.slice(at + 1 + random(6))
        break
      case 1:
        text = text.slice(0, at) + (SPICE[random(SPICE.length)] ?? '') + text.slice(at)
        break
      case 2:
        text = text.slice(0, at) + text.slice(random(text.length + 1)) + text.slice(at)
        break
      case 3:
        text = text.slice(0, at) + (SPICE[random(SPICE.length)] ?? '').repeat(random(200)) + text.slice(at)
        break
      default:
        text = text.slice(0, at) + String.fromCharCode(random(256)) + text.slice(at + 1)
    }
  }
  return text.slice(0, 20_000)
}

let test: TestDoor
beforeAll(async () => {
  test = await startTestDoor()
})
afterAll(async () => {
  await test.stop()
})

/** Sends mutated commands until so many are out, on new connections where one was ended; each connection must end or answer. */
async function pelt(
  lines: readonly string[],
  count: number,
  signedIn: boolean,
  random: (below: number) => number,
): Promise<number> {
  let connections = 0
  for (let sent = 0; sent < count; ) {
    connections++
    const client = await LineClient.open(test.port, signedIn ? test.account : undefined)
    if (signedIn) await client.run('SELECT INBOX')
    for (let n = 0; n < 12 && sent < count && !client.closed; n++, sent++) {
      client.send(`f${n} ${mutate(lines[random(lines.length)] ?? '', random)}\r\n`)
    }
    // Whatever it now waits for (a literal, a line), enough of these give it, and then it answers or says goodbye.
    for (let n = 0; n < 40 && !client.closed; n++) {
      client.send(`\r\nDONE\r\n*\r\nz${n} NOOP\r\n`)
      const answer = await Promise.race([client.until(/(^|\n)(z\d+ OK|\* BYE)[^\r]*\r\n/), late(200)])
      if (answer !== null) break
    }
    client.end()
  }
  return connections
}

const late = (ms: number): Promise<null> => new Promise((resolve) => setTimeout(() => resolve(null), ms))

describe('hostile input (M-12)', () => {
  it(`survives mutated commands before and after login, seed ${seed}`, async () => {
    const random = seeded(seed)
    await pelt(BEFORE, rounds / 4, false, random)
    await pelt(AFTER, rounds, true, random)
    const client = await LineClient.open(test.port, test.account)
    expect(await client.run('SELECT INBOX')).toMatch(/ OK /)
    expect(await client.run('NOOP')).toMatch(/ OK /)
    client.end()
  }, 120_000)

  it('holds little for those who have not signed in (M-04)', async () => {
    const floods = [
      Buffer.alloc(8 * 1024 * 1024, 'x'),
      Buffer.from('a LOGIN {200000000+}\r\n'),
      Buffer.from(`a LOGIN ${'{1000000+}\r\n'.repeat(200)}`),
      Buffer.from('a LOGIN {-1}\r\n'),
      Buffer.from('a LOGIN {4294967296}\r\n'),
      Buffer.from(`a NOOP ${'('.repeat(100_000)}\r\n`),
      Buffer.from(`a ID (${'"a" "b" '.repeat(20_000)}"a" "b")\r\n`),
      Buffer.from('a LOGIN {999999999}\r\n'),
    ]
    const before = process.memoryUsage().rss
    const clients = await Promise.all(
      floods.flatMap((flood) =>
        Array.from({ length: 6 }, async () => {
          const client = await LineClient.open(test.port)
          client.socket.write(flood)
          return client
        }),
      ),
    )
    const other = await LineClient.open(test.port)
    expect(await other.run('NOOP')).toMatch(/ OK /)
    await late(500)
    // Our own clients' buffers count too: they are most of it.
    expect((process.memoryUsage().rss - before) / 1024 / 1024).toBeLessThan(400)
    for (const client of [...clients, other]) client.end()
  }, 60_000)
})
