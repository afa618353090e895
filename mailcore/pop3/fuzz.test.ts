import { afterEach, expect, it } from 'vitest'
import { mutate, randomFrom } from '#mailcore/door/testing'
import { base64, type Pop3House, pop3House } from './testing'

const LINES = 20_000
let pop: Pop3House
afterEach(() => pop.server.stop())

const ANN = base64('\0ann@our.test\0correct horse battery')
const CORPUS = [
  'CAPA', 'STLS', 'UTF8', 'USER ann@our.test', 'PASS correct horse battery', `AUTH PLAIN ${ANN}`, 'AUTH LOGIN', 'AUTH',
  'AUTH OAUTHBEARER bixhPWE=', 'AUTH XOAUTH2 =', '*', 'STAT', 'LIST', 'LIST 1', 'UIDL', 'UIDL 2', 'RETR 1', 'RETR 2', 'TOP 1 0',
  'TOP 2 99999999999999999999', 'DELE 1', 'RSET', 'NOOP', 'LAST', 'QUIT', '', ' ', '.', '+ ', 'APOP a b', 'LANG *',
] // biome-ignore format: a list of words

it('twenty thousand mutated lines neither crash nor hang it', { timeout: 20_000 }, async () => {
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() >>> 0)
  console.info(`pop3 fuzz seed ${seed}`)
  const random = randomFrom(seed)
  pop = await pop3House(['A: b\r\n\r\nx\r\n.\r\n', 'A: c\r\n\r\ny\n.\n'])
  // No session may lock the next one out, nor delete what the next one asks for.
  const messages = new Map(pop.account.messages)
  for (let sent = 0; sent < LINES; ) {
    pop.account.messages = new Map(messages)
    const kind = random()
    const client = kind < 0.1 ? await pop.clear() : await pop.connect()
    if (kind > 0.4) client.write(`AUTH PLAIN ${ANN}\r\n`)
    const lines: string[] = []
    for (let n = 20 + Math.floor(random() * 60); n > 0; n--)
      lines.push(mutate(CORPUS[Math.floor(random() * CORPUS.length)] ?? '', random))
    sent += lines.length
    client.write(`${lines.join(random() < 0.9 ? '\r\n' : '\n')}\r\n*\r\nRSET\r\nQUIT\r\nQUIT\r\n`)
    // Half-closed: what a client left open (a handshake, a literal) ends here, and all else is answered.
    client.end()
    await client.rest()
  }
  expect(pop.log.lines.filter((line) => line.includes('session-failed'))).toEqual([])
  pop.account.messages = messages
  const client = await pop.enter()
  expect(await client.ask('STAT')).toMatch(/^\+OK 2 /)
  client.close()
})
