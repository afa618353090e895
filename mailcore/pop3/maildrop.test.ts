import { afterEach, describe, expect, it } from 'vitest'
import { Fault } from '#lib/errors'
import type { TestClient } from '#mailcore/door/testing'
import { type Pop3House, pop3House } from './testing'

let pop: Pop3House
afterEach(() => pop.server.stop())

const lines = async (client: TestClient, command: string): Promise<string[]> => {
  client.write(`${command}\r\n`)
  const text = (await client.until('\r\n.\r\n')).toString('latin1')
  return text.split('\r\n').slice(1, -2)
}
/** The message as a client that goes by RFC 1939 puts it together again. */
const retr = async (client: TestClient, command: string): Promise<Buffer> => {
  expect(await client.ask(command)).toMatch(/^\+OK/)
  let message = ''
  for (;;) {
    const line = await client.line()
    if (line === null) throw new Error('closed')
    if (line === '.') return Buffer.from(message, 'latin1')
    message += `${line.startsWith('.') ? line.slice(1) : line}\r\n`
  }
}
const THREE = ['A: 1\r\n\r\none\r\n', 'A: 2\r\n\r\ntwo\r\nlines\r\n', 'A: 3\r\n\r\nthree\r\n']

describe('a signed-in client', () => {
  it('lists, reads and marks', async () => {
    pop = await pop3House(THREE)
    const client = await pop.enter()
    expect(await client.ask('STAT')).toBe('+OK 3 48')
    expect(await lines(client, 'LIST')).toEqual(['1 13', '2 20', '3 15'])
    expect(await client.ask('LIST 2')).toBe('+OK 2 20')
    expect(await lines(client, 'UIDL')).toEqual(['1 77.10', '2 77.12', '3 77.14'])
    expect(await client.ask('UIDL 3')).toBe('+OK 3 77.14')
    expect((await retr(client, 'RETR 2')).toString()).toBe(THREE[1])
    expect((await retr(client, 'TOP 2 1')).toString()).toBe('A: 2\r\n\r\ntwo\r\n')
    expect((await retr(client, 'TOP 2 0')).toString()).toBe('A: 2\r\n\r\n')
    expect(await client.ask('DELE 2')).toMatch(/^\+OK/)
    expect(await client.ask('STAT')).toMatch(/^\+OK 2 /)
    expect(await lines(client, 'UIDL')).toEqual(['1 77.10', '3 77.14'])
    for (const line of ['DELE 2', 'RETR 2', 'TOP 2 0', 'LIST 2', 'UIDL 2', 'RETR 0', 'RETR 4', 'RETR 99999999999'])
      expect(await client.ask(line)).toBe('-ERR No such message')
    expect(await client.ask('RSET')).toBe('+OK 3 messages stay')
    expect(await client.ask('NOOP')).toMatch(/^\+OK/)
    for (const line of ['RETR', 'RETR -1', 'RETR 1 2', 'RETR *', 'TOP 1', 'TOP 1 -1', 'DELE x', 'LAST', 'STAT 1'])
      expect(await client.ask(line)).toMatch(/^-ERR (?!No such)/)
    client.close()
  })

  it('announces what it can, and no sign-in any more', async () => {
    pop = await pop3House()
    const client = await pop.enter()
    expect(await lines(client, 'CAPA')).toEqual(
      'TOP,UIDL,RESP-CODES,AUTH-RESP-CODE,PIPELINING,UTF8,EXPIRE NEVER,IMPLEMENTATION MailTight'.split(','),
    )
    expect(await lines(client, 'LIST')).toEqual([])
    client.close()
  })

  it('may send a thousand commands in one packet', async () => {
    pop = await pop3House(THREE)
    const client = await pop.enter()
    client.write('NOOP\r\nSTAT\r\nUIDL 1\r\nRETR 1\r\nRSET\r\n'.repeat(200))
    client.write('QUIT\r\n')
    const text = (await client.rest()).toString()
    const once =
      '+OK Nothing done\r\n+OK 3 48\r\n+OK 1 77.10\r\n+OK 13 octets\r\nA: 1\r\n\r\none\r\n.\r\n+OK 3 messages stay\r\n'
    expect(text).toBe(`${once.repeat(200)}+OK Goodbye\r\n`)
  })

  it('gets every byte of hostile messages', async () => {
    const hostile = [
      'A: b\r\n\r\n.\r\n..\r\n.x\r\n',
      'A: b\n\n.x\n..y\r\n',
      'A: b\r\rx\r.y',
      'nul\0\0\r\n\r\n.\0\r\n',
      'no final newline',
      '',
      Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 7919) % 256)),
      '\r\n.'.repeat(100_000),
    ]
    pop = await pop3House(hostile)
    const client = await pop.enter()
    for (const [i, message] of hostile.entries()) {
      const raw = Buffer.from(message)
      const tail = raw.length === 0 || raw.subarray(-2).toString() === '\r\n' ? '' : '\r\n'
      const got = await retr(client, `RETR ${i + 1}`)
      expect(got.equals(Buffer.concat([raw, Buffer.from(tail)]))).toBe(true)
      expect(await client.ask('NOOP')).toBe('+OK Nothing done')
    }
    client.close()
  })

  it('is waited for when it reads slowly', async () => {
    const big = Buffer.alloc(8 * 1024 * 1024, 'x')
    pop = await pop3House([big])
    const client = await pop.enter()
    client.pause()
    client.write('RETR 1\r\nNOOP\r\n')
    await new Promise((resolve) => setTimeout(resolve, 50))
    client.resume()
    expect((await client.until('\r\n.\r\n')).length).toBeGreaterThan(big.length)
    expect(await client.line()).toBe('+OK Nothing done')
    client.close()
  })

  it('is told when a message was deleted elsewhere; numbers and ids stay', async () => {
    pop = await pop3House(THREE)
    const client = await pop.enter()
    pop.account.messages.delete(12)
    pop.account.messages.set(16, Buffer.from('new'))
    expect(await client.ask('RETR 2')).toBe('-ERR This message has been deleted elsewhere')
    expect(await client.ask('TOP 2 0')).toBe('-ERR This message has been deleted elsewhere')
    expect(await client.ask('STAT')).toMatch(/^\+OK 3 /)
    expect(await client.ask('DELE 2')).toMatch(/^\+OK/)
    expect(await client.ask('QUIT')).toMatch(/^\+OK/)
    const next = await pop.enter()
    expect(await lines(next, 'UIDL')).toEqual(['1 77.10', '2 77.14', '3 77.16'])
    next.close()
  })
})

describe('deleting', () => {
  it('happens at QUIT and not before', async () => {
    pop = await pop3House(THREE)
    const client = await pop.enter()
    await client.ask('DELE 1')
    await client.ask('DELE 3')
    expect(pop.account.messages.size).toBe(3)
    expect(await client.ask('QUIT')).toBe('+OK 2 messages deleted, goodbye')
    expect([...pop.account.messages.keys()]).toEqual([12])
    expect(await client.line()).toBeNull()
  })

  it('never happens when the client crashes, closes, idles out or the server stops (M-10)', async () => {
    pop = await pop3House(THREE)
    for (const end of ['crash', 'close', 'stop'] as const) {
      const client = await enterWhenFree()
      expect(await client.ask('DELE 1')).toMatch(/^\+OK/)
      if (end === 'stop') await pop.server.stop()
      else client[end]()
    }
    expect(pop.account.messages.size).toBe(3)
    expect(pop.account.open).toBe(0)
  })

  it('says so when it fails, and has deleted nothing', async () => {
    pop = await pop3House(THREE)
    const client = await pop.enter()
    await client.ask('DELE 1')
    pop.account.failing = new Fault('UNAVAILABLE', 'away')
    expect(await client.ask('QUIT')).toMatch(/^-ERR \[SYS\/TEMP\]/)
    expect(await client.line()).toBeNull()
    pop.account.failing = null
    expect(pop.account.messages.size).toBe(3)
    const again = await enterWhenFree()
    pop.account.failing = new Fault('FORBIDDEN', 'frozen')
    await again.ask('DELE 1')
    expect(await again.ask('RETR 2')).toMatch(/^-ERR \[SYS\/PERM\]/)
    expect(await again.ask('QUIT')).toMatch(/^-ERR \[SYS\/PERM\]/)
  })
})

/** Signs in, again as long as the session before has not been noticed to be gone. */
async function enterWhenFree(): Promise<TestClient> {
  for (;;) {
    const client = await pop.connect()
    await client.ask('USER ann@our.test')
    const answer = await client.ask(`PASS ${pop.account.password}`)
    if (answer?.startsWith('+OK')) return client
    expect(answer).toMatch(/^-ERR \[IN-USE\]/)
    client.close()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

describe('the lock', () => {
  it('keeps a second session out until the first has ended, and other accounts not', async () => {
    pop = await pop3House(THREE)
    const bob = pop.house.add('bob@our.test')
    const first = await pop.enter()
    const second = await pop.connect()
    await second.ask('USER ann@our.test')
    expect(await second.ask(`PASS ${pop.account.password}`)).toMatch(/^-ERR \[IN-USE\]/)
    expect(pop.account.open).toBe(1)
    await second.ask('USER bob@our.test')
    expect(await second.ask(`PASS ${bob.password}`)).toMatch(/^\+OK/)
    expect(await first.ask('QUIT')).toMatch(/^\+OK/)
    // Free as soon as QUIT is answered.
    const third = await pop.enter()
    third.crash()
    const fourth = await enterWhenFree()
    fourth.close()
    second.close()
  })
})
