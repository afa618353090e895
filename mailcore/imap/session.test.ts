import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LineClient, startTestDoor } from './testing'

let test: Awaited<ReturnType<typeof startTestDoor>>
beforeEach(async () => {
  test = await startTestDoor()
})
afterEach(async () => {
  await test.door.stop()
})

const deliver = (raw: string | Buffer, path = 'INBOX') => test.world.deliver(test.account.accountId, raw, { path })
const simple = (n: number) => `From: a@b.test\r\nSubject: number ${n}\r\nX-Odd: yes\r\n\r\nbody ${n}\r\n`

describe('sign-in', () => {
  it('keeps spaces of a password, and says why it refuses', async () => {
    const client = await LineClient.open(test.port, false)
    expect(await client.run('LOGIN ann@example.test wrong')).toMatch(/ NO \[AUTHENTICATIONFAILED\]/)
    expect(await client.run('LOGIN ann@example.test "pass word"')).toMatch(/ NO \[AUTHENTICATIONFAILED\]/)
    expect(await client.run('LOGIN slow@example.test x')).toMatch(/ NO \[LIMIT\]/)
    test.world.outage(true)
    expect(await client.run('LOGIN ann@example.test "pass word "')).toMatch(/ NO \[UNAVAILABLE\]/)
    test.world.outage(false)
    const token = Buffer.from('\0ann@example.test\0pass word ').toString('base64')
    expect(await client.run(`AUTHENTICATE PLAIN ${token}`)).toMatch(/ OK /)
    client.end()
  })

  it('ends sessions on suspension, refuses new ones, and lets go of the keys', async () => {
    const client = await LineClient.open(test.port)
    await client.run('SELECT INBOX')
    const bye = client.until(/BYE[^\r]*\r\n/)
    test.world.suspend(test.account.accountId)
    expect(await bye).toContain('* BYE This account was suspended')
    await client.until(/never/)
    expect(client.closed).toBe(true)
    const second = await LineClient.open(test.port, false)
    expect(await second.run('LOGIN ann@example.test "pass word "')).toMatch(/ NO \[CONTACTADMIN\]/)
    second.end()
    await expect.poll(() => test.world.openStores()).toBe(0)
  })
})

describe('bytes', () => {
  it.each([
    ['bare LF', Buffer.from('Subject: x\nFrom: a@b.test\n\nline\nline\n')],
    ['no final newline', Buffer.from('Subject: x\r\n\r\nno end')],
    ['8-bit and NUL', Buffer.from([...Buffer.from('Subject: \xe9\xff\r\n\r\n', 'latin1'), 0, 1, 255, 13, 10, 13])],
    ['header only', Buffer.from('Subject: x\r\n')],
    [
      'odd multipart',
      Buffer.from(
        'Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\r\n--b \r\nX: y\r\n\r\ntwo\n--b--trailer',
      ),
    ],
  ])('gives back %s as it was stored, whole and in slices', async (_name, raw) => {
    const client = await LineClient.open(test.port)
    expect(await client.append('INBOX', raw)).toMatch(/ OK \[APPENDUID \d+ 1\]/)
    await client.run('SELECT INBOX')
    const literal = (text: string) => {
      const at = /\{(\d+)\}\r\n/.exec(text)
      return at ? Buffer.from(text.slice(at.index + at[0].length).slice(0, Number(at[1])), 'latin1') : null
    }
    expect(literal(await client.run('FETCH 1 BODY.PEEK[]'))).toEqual(raw)
    expect(literal(await client.run('FETCH 1 RFC822'))).toEqual(raw)
    const part = await client.run('FETCH 1 BODY.PEEK[]<3.7>')
    expect(part).toContain('BODY[]<3> {')
    expect(literal(part)).toEqual(raw.subarray(3, 10))
    const header = literal(await client.run('FETCH 1 BODY.PEEK[HEADER]')) ?? Buffer.alloc(0)
    const text = literal(await client.run('FETCH 1 BODY.PEEK[TEXT]')) ?? Buffer.alloc(0)
    expect(Buffer.concat([header, text])).toEqual(raw)
    expect(await client.run('FETCH 1 RFC822.SIZE')).toContain(`RFC822.SIZE ${raw.length})`)
    client.end()
  })

  it('serves stored and unstored header fields alike', async () => {
    deliver(simple(1))
    const client = await LineClient.open(test.port)
    await client.run('SELECT INBOX')
    expect(await client.run('FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT FROM)]')).toContain(
      '* 1 FETCH (BODY[HEADER.FIELDS (SUBJECT FROM)] {37}\r\nFrom: a@b.test\r\nSubject: number 1\r\n\r\n)',
    )
    expect(await client.run('FETCH 1 BODY.PEEK[HEADER.FIELDS (X-ODD)]')).toContain('{14}\r\nX-Odd: yes\r\n\r\n)')
    expect(await client.run('FETCH 1 FLAGS')).toContain('FLAGS ()')
    expect(await client.run('FETCH 1 BODY[1]')).toMatch(/\{8\}\r\nbody 1\r\n FLAGS \(\\Seen\)\)/)
    client.end()
  })

  it('keeps order when a slow reader pipelines', async () => {
    deliver(Buffer.concat([Buffer.from('Subject: big\r\n\r\n'), Buffer.alloc(6_000_000, 'x')]))
    const client = await LineClient.open(test.port)
    await client.run('SELECT INBOX')
    client.socket.pause()
    client.socket.write('p1 FETCH 1 BODY.PEEK[]\r\np2 LIST "" "*"\r\np3 SEARCH ALL\r\n')
    setImmediate(() => client.socket.resume())
    const all = await client.until(/p3 OK[^\r]*\r\n/)
    const start = all.indexOf('{6000016}\r\n') + '{6000016}\r\n'.length
    expect(all.slice(start, start + 6_000_016)).toBe(`Subject: big\r\n\r\n${'x'.repeat(6_000_000)}`)
    expect(all.slice(start + 6_000_016).startsWith(')\r\np1 OK')).toBe(true)
    client.end()
  })
})

describe('changes', () => {
  it('changes nothing for empty sets (I-E1)', async () => {
    const client = await LineClient.open(test.port)
    await client.run('SELECT INBOX')
    for (const command of [
      'UID EXPUNGE 5',
      'UID COPY 5 Sent',
      'UID MOVE 5 Sent',
      'UID STORE 5 +FLAGS (\\Deleted)',
      'UID FETCH 5 FLAGS',
    ]) {
      const answer = await client.run(command)
      expect(answer, command).toMatch(/^t\d+ OK /)
      expect(answer).not.toContain('COPYUID')
    }
    client.end()
  })

  it('tells another session in IDLE, and NOOP is current', async () => {
    deliver(simple(1))
    const watcher = await LineClient.open(test.port)
    const actor = await LineClient.open(test.port)
    await watcher.run('SELECT INBOX (CONDSTORE)')
    await actor.run('SELECT INBOX')
    watcher.socket.write('i IDLE\r\n')
    await watcher.until(/\+ idling\r\n/)
    const exists = watcher.until(/\* 2 EXISTS\r\n/)
    deliver(simple(2))
    expect(await exists).toContain('* 2 EXISTS')
    const flags = watcher.until(/FETCH[^\r]*\r\n/)
    await actor.run('STORE 1 +FLAGS.SILENT (\\Flagged)')
    expect(await flags).toMatch(/\* 1 FETCH \(FLAGS \(\\Flagged\) MODSEQ \(\d+\)\)/)
    await actor.run('STORE 1 +FLAGS.SILENT (\\Deleted)')
    const gone = watcher.until(/\* 1 EXPUNGE\r\n\* 1 EXISTS\r\n/)
    expect(await actor.run('EXPUNGE')).toContain('* 1 EXPUNGE\r\n')
    await gone
    watcher.socket.write('DONE\r\n')
    await watcher.until(/i OK/)
    await actor.append('INBOX', Buffer.from(simple(3)))
    expect(await watcher.run('NOOP')).toContain('* 2 EXISTS')
    expect(await actor.run('NOOP')).toContain('* 2 EXISTS')
    for (const client of [watcher, actor]) client.end()
  })

  it('does not repeat to a session what it did itself', async () => {
    deliver(simple(1))
    const client = await LineClient.open(test.port)
    await client.run('SELECT INBOX')
    expect(await client.run('STORE 1 +FLAGS (\\Flagged $Work)')).toContain('* 1 FETCH (FLAGS (\\Flagged $Work))')
    await client.append('INBOX', Buffer.from(simple(2)))
    const noop = await client.run('NOOP')
    expect(noop).toContain('* 2 EXISTS')
    expect(noop).not.toContain('FETCH')
    client.end()
  })

  it('refuses stale conditional stores with MODIFIED', async () => {
    deliver(simple(1))
    deliver(simple(2))
    const client = await LineClient.open(test.port)
    const modseq = /HIGHESTMODSEQ (\d+)/.exec(await client.run('SELECT INBOX (CONDSTORE)'))?.[1]
    await client.run('STORE 1 +FLAGS (\\Flagged)')
    const answer = await client.run(`UID STORE 1:2 (UNCHANGEDSINCE ${modseq}) +FLAGS.SILENT (\\Answered)`)
    expect(answer).toMatch(/ OK \[MODIFIED 1\]/)
    expect(answer).toMatch(/\* 2 FETCH \(UID 2 MODSEQ \(\d+\)\)/)
    expect(await client.run('STORE 2 (UNCHANGEDSINCE 0) +FLAGS (\\Deleted)')).toMatch(/ OK \[MODIFIED 2\]/)
    expect(await client.run('SEARCH DELETED')).toMatch(/^\* SEARCH\r\n/)
    expect(await client.run(`FETCH 1:2 (FLAGS) (CHANGEDSINCE ${modseq})`)).toMatch(/\* 1 FETCH.*\r\n\* 2 FETCH/)
    client.end()
  })

  it('copies and moves with COPYUID', async () => {
    for (const n of [1, 2, 3]) deliver(simple(n))
    const client = await LineClient.open(test.port)
    await client.run('SELECT INBOX')
    expect(await client.run('COPY 1:2 Sent')).toMatch(/ OK \[COPYUID \d+ 1:2 1:2\]/)
    const moved = await client.run('UID MOVE 1,3 Sent')
    expect(moved).toContain('* 3 EXPUNGE\r\n* 1 EXPUNGE\r\n* 1 EXISTS\r\n')
    expect(moved).toMatch(/ OK \[COPYUID \d+ 1,3 3:4\]/)
    expect(await client.run('COPY 1 Nowhere')).toMatch(/ NO \[TRYCREATE\]/)
    expect(await client.run('EXAMINE INBOX')).toContain('[READ-ONLY]')
    for (const command of ['MOVE 1 Sent', 'UID STORE 2 +FLAGS (\\Seen)'])
      expect(await client.run(command)).toMatch(/ NO \[READ-ONLY\]/)
    client.end()
  })

  it('drops a session whose folder another one deleted', async () => {
    const watcher = await LineClient.open(test.port)
    const actor = await LineClient.open(test.port)
    await actor.run('CREATE Gone')
    await watcher.run('SELECT Gone')
    const bye = watcher.until(/BYE[^\r]*\r\n/)
    await actor.run('DELETE Gone')
    expect(await bye).toContain('BYE')
    actor.end()
  })
})

describe('refusals and outages', () => {
  it('gives each fault its code and an outage UNAVAILABLE, and goes on afterwards', async () => {
    deliver(simple(1))
    const client = await LineClient.open(test.port)
    expect(await client.run('SELECT Nowhere')).toMatch(/ NO \[NONEXISTENT\]/)
    expect(await client.run('CREATE Sent')).toMatch(/ NO \[ALREADYEXISTS\]/)
    expect(await client.append('Nowhere', Buffer.from('x'))).toMatch(/ NO \[TRYCREATE\]/)
    await client.run('SELECT INBOX')
    test.world.outage(true)
    const commands = [
      'FETCH 1 FLAGS',
      'STORE 1 +FLAGS (\\Seen)',
      'SEARCH ALL',
      'LIST "" "*"',
      'LSUB "" "*"',
      'STATUS INBOX (MESSAGES)',
    ]
    for (const command of [...commands, 'COPY 1 Sent', 'EXPUNGE', 'CREATE New', 'GETQUOTAROOT INBOX', 'SELECT Sent']) {
      expect(await client.run(command), command).toMatch(/^t\d+ NO \[UNAVAILABLE\]/)
    }
    test.world.outage(false)
    expect(await client.run('SELECT INBOX')).toMatch(/ OK \[READ-WRITE\]/)
    client.end()
  })
})

describe('search', () => {
  it('finds by state, header and text', async () => {
    deliver(
      'From: "=?utf-8?q?J=C3=B6rg?=" <j@b.test>\r\nDate: Tue, 3 Mar 2026 23:30:00 -0800\r\nSubject: Plan\r\n\r\nNothing here\r\n',
    )
    deliver(
      'From: x@b.test\r\nX-Odd: found\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nR3LDvMOfZSBhdXMgS8O2bG4=\r\n',
    )
    const client = await LineClient.open(test.port)
    await client.run('SELECT INBOX')
    const utf8 = (text: string) => Buffer.from(text).toString('latin1')
    const cases: [string, string][] = [
      ['ALL', ' 1 2'],
      [utf8('FROM "JÖRG"'), ' 1'],
      ['SENTON 3-Mar-2026', ' 1'],
      ['SENTON 4-Mar-2026', ''],
      ['ON 4-Mar-2026', ' 1 2'],
      ['HEADER X-Odd ""', ' 2'],
      ['HEADER X-Odd FOUN', ' 2'],
      [utf8('CHARSET UTF-8 BODY "grüße"'), ' 2'],
      ['TEXT Plan', ' 1'],
      ['NOT SUBJECT plan', ' 2'],
      ['OR SUBJECT plan BODY aus', ' 1 2'],
      ['LARGER 100000', ''],
      ['UID 2:9', ' 2'],
      ['NEW', ''],
    ]
    for (const [query, expected] of cases)
      expect(await client.run(`SEARCH ${query}`), query).toContain(`* SEARCH${expected}\r\n`)
    expect(await client.run('SEARCH CHARSET KOI8-R TEXT x')).toMatch(/ NO \[BADCHARSET/)
    client.end()
  })
})
