import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LineClient, startTestDoor, type TestDoor } from '../testing'

let door: TestDoor
let client: LineClient

beforeAll(async () => {
  door = await startTestDoor()
  client = await LineClient.open(door.port, door.account)
}, 120_000)

afterAll(async () => {
  client?.end()
  await door?.stop()
}, 60_000)

describe('METADATA (RFC 5464)', () => {
  it('keeps annotations of mailboxes and of the account', async () => {
    expect(await client.run('SETMETADATA INBOX (/private/comment "mine" /SHARED/comment "ours")')).toMatch(/OK/)
    expect(await client.run('SETMETADATA "" (/private/vendor/x/y "deep" /private/comment "about me")')).toMatch(/OK/)
    expect(await client.run('GETMETADATA INBOX (/private/COMMENT /shared/comment)')).toContain(
      '* METADATA INBOX (/private/comment "mine" /shared/comment "ours")\r\n',
    )
    expect(await client.run('GETMETADATA "" /private/comment')).toContain(
      '* METADATA "" (/private/comment "about me")\r\n',
    )
    expect(await client.run('GETMETADATA "" (/shared/comment /shared/admin)')).toContain(
      '* METADATA "" (/shared/comment NIL /shared/admin NIL)\r\n',
    )
  })

  it('reads to a depth', async () => {
    await client.run('SETMETADATA INBOX (/private/f/a "1" /private/f/a/b "2" /private/f/c "3" /private/fx "4")')
    expect(await client.run('GETMETADATA (DEPTH 1) INBOX /private/f')).toContain(
      '(/private/f NIL /private/f/a "1" /private/f/c "3")',
    )
    expect(await client.run('GETMETADATA INBOX (DEPTH infinity) (/private/f)')).toContain(
      '(/private/f NIL /private/f/a "1" /private/f/a/b "2" /private/f/c "3")',
    )
    expect(await client.run('GETMETADATA (DEPTH 0) INBOX (/private/f/a)')).toContain('(/private/f/a "1")')
  })

  it('leaves out what is too long for the client, and says how long it is', async () => {
    await client.run(`SETMETADATA INBOX (/private/long "${'x'.repeat(50)}")`)
    const answer = await client.run('GETMETADATA (MAXSIZE 10) INBOX (/private/long /private/f/a)')
    expect(answer).toMatch(/^\* METADATA INBOX \(\/private\/f\/a "1"\)\r\nt\d+ OK \[METADATA LONGENTRIES 50\]/)
  })

  it('keeps bytes, and deletes by NIL', async () => {
    client.send('a SETMETADATA INBOX (/private/bytes ~{3+}\r\n\x00\xff\n)\r\n')
    await client.until(/a OK.*\r\n/)
    expect(await client.run('GETMETADATA INBOX /private/bytes')).toContain('(/private/bytes ~{3}\r\n\x00\xff\n)')
    await client.run('SETMETADATA INBOX (/private/bytes NIL)')
    expect(await client.run('GETMETADATA INBOX /private/bytes')).toContain('(/private/bytes NIL)')
  })

  it('refuses what the server says, what is too long, and what is too many', async () => {
    expect(await client.run('SETMETADATA "" (/shared/comment "x")')).toMatch(/NO \[NOPERM\]/)
    client.send(`b SETMETADATA INBOX (/private/big {${65_537}+}\r\n${'x'.repeat(65_537)})\r\n`)
    expect(await client.until(/b [A-Z]+ .*\r\n/)).toMatch(/b NO \[METADATA MAXSIZE 65536\]/)
    const many = Array.from({ length: 101 }, (_, i) => `/private/n${i} "x"`).join(' ')
    expect(await client.run(`SETMETADATA INBOX (${many})`)).toMatch(/NO \[METADATA TOOMANY\]/)
    expect(await client.run('GETMETADATA INBOX /private/n1')).toContain('NIL')
    expect(await client.run('SETMETADATA Nowhere (/private/comment "x")')).toMatch(/NO \[NONEXISTENT\]/)
    expect(await client.run('GETMETADATA Nowhere /private/comment')).toMatch(/NO \[NONEXISTENT\]/)
  })

  it.each([
    'GETMETADATA INBOX',
    'GETMETADATA INBOX ()',
    'GETMETADATA INBOX comment',
    'GETMETADATA INBOX /other/comment',
    'GETMETADATA INBOX "/private/a*"',
    'GETMETADATA INBOX /private//a',
    'GETMETADATA INBOX /private/a/',
    'GETMETADATA (DEPTH 2) INBOX /private/a',
    'GETMETADATA (WHAT 2) INBOX /private/a',
    'SETMETADATA INBOX (/private/a)',
    'SETMETADATA INBOX ()',
    'SETMETADATA INBOX (/private "x")',
    'SETMETADATA INBOX (/private/a b)',
    `GETMETADATA INBOX (${Array.from({ length: 101 }, (_, i) => `/private/n${i}`).join(' ')})`,
  ])('is BAD: %s', async (line) => {
    expect(await client.run(line)).toMatch(/^t\d+ BAD/)
  })
})
