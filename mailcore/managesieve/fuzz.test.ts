import { afterEach, expect, it } from 'vitest'
import { mutate, randomFrom } from '#mailcore/door/testing'
import { base64, literal, type SieveHouse, sieveHouse } from './testing'

const LINES = 20_000
let sieve: SieveHouse
afterEach(() => sieve.server.stop())

const ANN = base64('\0ann@our.test\0correct horse battery')
const CORPUS = [
  'CAPABILITY', 'NOOP', 'NOOP "tag"', `NOOP ${literal('a\r\nb')}`, 'STARTTLS', 'AUTHENTICATE "PLAIN"', `AUTHENTICATE "PLAIN" "${ANN}"`,
  `AUTHENTICATE "XOAUTH2" ${literal('AA==')}`, '"*"', 'HAVESPACE "a" 10', 'HAVESPACE "a" 4294967295', `PUTSCRIPT "a" ${literal('keep;\r\n')}`,
  'PUTSCRIPT "b" "keep; \\"x\\" \\\\"', 'PUTSCRIPT "c" {0+}', 'SETACTIVE "a"', 'SETACTIVE ""', 'GETSCRIPT "a"', 'LISTSCRIPTS', 'DELETESCRIPT "a"',
  'RENAMESCRIPT "a" "b"', 'CHECKSCRIPT "error"', 'UNAUTHENTICATE', 'LOGOUT', '', '{3+}', '{18446744073709551616+}', '"', '\\',
] // biome-ignore format: a list of words

it('twenty thousand mutated lines neither crash nor hang it', { timeout: 20_000 }, async () => {
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() >>> 0)
  console.info(`managesieve fuzz seed ${seed}`)
  const random = randomFrom(seed)
  sieve = await sieveHouse()
  for (let sent = 0; sent < LINES; ) {
    const kind = random()
    const client = kind < 0.1 ? await sieve.clear() : await sieve.secure()
    if (kind > 0.4) client.write(`AUTHENTICATE "PLAIN" "${ANN}"\r\n`)
    const lines: string[] = []
    for (let n = 20 + Math.floor(random() * 60); n > 0; n--)
      lines.push(mutate(CORPUS[Math.floor(random() * CORPUS.length)] ?? '', random))
    sent += lines.length
    client.write(`${lines.join('\r\n')}\r\nLOGOUT\r\n`)
    // Half-closed: what a client left open (a handshake, a literal) ends here, and all else is answered.
    client.end()
    await client.rest()
  }
  expect(sieve.log.lines.filter((line) => line.includes('session-failed'))).toEqual([])
  sieve.account.scripts.clear()
  const client = await sieve.enter()
  expect(await sieve.ask(client, 'LISTSCRIPTS')).toBe('OK "0 scripts"')
  client.close()
})
