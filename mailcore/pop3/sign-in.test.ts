import { afterEach, describe, expect, it } from 'vitest'
import { Fault } from '#lib/errors'
import { base64, type Pop3House, pop3House } from './testing'

let pop: Pop3House
afterEach(() => pop.server.stop())

const ANN = 'ann@our.test'
const WRONG = '-ERR [AUTH] Wrong name or password'

describe('before TLS', () => {
  it('offers STLS and takes no credentials', async () => {
    pop = await pop3House()
    const client = await pop.clear()
    client.write('CAPA\r\n')
    const capa = (await client.until('\r\n.\r\n')).toString()
    expect(capa).toContain('\r\nSTLS\r\n')
    expect(capa).not.toMatch(/USER|SASL/)
    for (const line of ['USER ann@our.test', 'PASS x', `AUTH PLAIN ${base64('\0a\0b')}`, 'AUTH'])
      expect(await client.ask(line)).toMatch(/^-ERR Not in the clear/)
    expect(await client.ask('STAT')).toMatch(/^-ERR Sign in first/)
    expect(await client.ask('QUIT')).toMatch(/^\+OK/)
    expect(await client.line()).toBeNull()
  })

  it('goes over to TLS and signs in there', async () => {
    pop = await pop3House(['a\r\n'])
    const client = await pop.clear()
    expect(await client.ask('STLS')).toMatch(/^\+OK/)
    await client.startTls()
    client.write('CAPA\r\n')
    const capa = (await client.until('\r\n.\r\n')).toString()
    expect(capa).not.toContain('STLS')
    expect(capa).toContain('\r\nSASL PLAIN LOGIN OAUTHBEARER XOAUTH2\r\n')
    expect(await client.ask('STLS')).toMatch(/^-ERR/)
    expect(await client.ask(`USER ${ANN}`)).toMatch(/^\+OK/)
    expect(await client.ask(`PASS ${pop.account.password}`)).toBe('+OK 1 messages, 3 octets')
    client.close()
  })

  it('forgets what came in the clear behind STLS, in one packet, split, and many at once (S-04)', async () => {
    pop = await pop3House(['a\r\n'])
    const attempts = Array.from({ length: 50 }, async (_, i) => {
      const client = await pop.clear()
      const text = `STLS\r\nUSER ${ANN}\r\nPASS ${pop.account.password}\r\nCAPA\r\n`
      const cut = i % text.length
      // Pieces that come after the handshake has begun break it; here they all come before the answer to STLS.
      if (cut < 6) {
        client.write(text.slice(0, cut))
        await new Promise((resolve) => setTimeout(resolve, 5))
        client.write(text.slice(cut))
      } else client.write(text)
      expect(await client.line()).toMatch(/^\+OK Begin/)
      await client.startTls()
      expect(await client.ask('STAT')).toMatch(/^-ERR Sign in first/)
      expect(await client.ask(`PASS ${pop.account.password}`)).toMatch(/^-ERR USER first/)
      expect(await client.ask('QUIT')).toMatch(/^\+OK Goodbye/)
      expect(await client.line()).toBeNull()
    })
    await Promise.all(attempts)
  })
})

describe('signing in', () => {
  it('by USER and PASS, a password with spaces and letters beyond ASCII too', async () => {
    pop = await pop3House()
    pop.account.password = ' påss wörd  '
    const client = await pop.connect()
    expect(await client.ask(`user ${ANN}`)).toMatch(/^\+OK/)
    client.write(Buffer.from(`Pass ${pop.account.password}\r\n`))
    expect(await client.line()).toMatch(/^\+OK 0 messages/)
    expect(await client.ask(`USER ${ANN}`)).toBe('-ERR You are signed in')
    client.close()
  })

  it('by every mechanism, with the initial response or without', async () => {
    pop = await pop3House()
    const { password, token } = pop.account
    const plain = base64(`\0${ANN}\0${password}`)
    const bearer = base64(`n,a=${ANN},\x01auth=Bearer ${token}\x01\x01`)
    const xoauth = base64(`user=${ANN}\x01auth=Bearer ${token}\x01\x01`)
    for (const lines of [
      [`AUTH PLAIN ${plain}`],
      ['AUTH PLAIN', plain],
      ['auth plain', plain],
      ['AUTH LOGIN', base64(ANN), base64(password)],
      [`AUTH LOGIN ${base64(ANN)}`, base64(password)],
      [`AUTH OAUTHBEARER ${bearer}`],
      ['AUTH XOAUTH2', xoauth],
    ]) {
      const client = await pop.connect()
      for (const line of lines.slice(0, -1)) expect(await client.ask(line)).toMatch(/^\+ /)
      expect(await client.ask(lines.at(-1) ?? '')).toMatch(/^\+OK 0 messages/)
      expect(await client.ask('QUIT')).toMatch(/^\+OK/)
      client.close()
    }
  })

  it('shows why a token failed before it refuses (RFC 7628 3.2.2)', async () => {
    pop = await pop3House()
    const client = await pop.connect()
    const answer = await client.ask(`AUTH OAUTHBEARER ${base64(`n,a=${ANN},\x01auth=Bearer nope\x01\x01`)}`)
    expect(Buffer.from(answer?.slice(2) ?? '', 'base64').toString()).toContain('"invalid_token"')
    expect(await client.ask('AQ==')).toBe(WRONG)
    client.close()
  })

  it('is cancelled by *, and refuses what is no message of its mechanism', async () => {
    pop = await pop3House()
    const client = await pop.connect()
    expect(await client.ask('AUTH PLAIN')).toBe('+ ')
    expect(await client.ask('*')).toBe('-ERR Cancelled')
    for (const line of [
      'AUTH PLAIN !!!',
      `AUTH PLAIN ${base64('x')}`,
      'AUTH PLAIN =',
      'AUTH CRAM-MD5',
      'AUTH PLAIN a b',
    ])
      expect(await client.ask(line)).toMatch(/^-ERR (?!\[)/)
    client.write('AUTH\r\n')
    expect((await client.until('.\r\n')).toString()).toBe('+OK\r\nPLAIN\r\nLOGIN\r\nOAUTHBEARER\r\nXOAUTH2\r\n.\r\n')
    // Acting for another is nobody's right.
    expect(await client.ask(`AUTH PLAIN ${base64(`bob@our.test\0${ANN}\0${pop.account.password}`)}`)).toBe(WRONG)
    client.close()
  })

  it('answers alike for no such name and a wrong password, and closes after three', async () => {
    pop = await pop3House()
    const client = await pop.connect()
    expect(await client.ask('USER nobody@our.test')).toBe('+OK And the password')
    expect(await client.ask('PASS x')).toBe(WRONG)
    expect(await client.ask('PASS x')).toBe('-ERR USER first')
    expect(await client.ask(`USER ${ANN}`)).toBe('+OK And the password')
    expect(await client.ask('PASS x')).toBe(WRONG)
    expect(await client.ask(`AUTH PLAIN ${base64(`\0${ANN}\0x`)}`)).toBe(WRONG)
    expect(await client.line()).toBeNull()
  })

  it('tells an outage, a suspension and too many failures apart by their codes (RFC 3206)', async () => {
    pop = await pop3House()
    const line = `AUTH PLAIN ${base64(`\0${ANN}\0${pop.account.password}`)}`
    const answers: (string | null)[] = []
    const client = await pop.connect()
    pop.house.failing = new Fault('UNAVAILABLE', 'away')
    answers.push(await client.ask(line))
    pop.house.failing = null
    pop.account.signIn = { ok: false, reason: 'suspended' }
    answers.push(await client.ask(line))
    pop.account.signIn = { ok: false, reason: 'slow-down', retryAfterS: 60 }
    answers.push(await client.ask(line))
    expect(answers.map((answer) => answer?.slice(0, 15))).toEqual([
      '-ERR [SYS/TEMP]',
      '-ERR [SYS/PERM]',
      '-ERR [SYS/TEMP]',
    ])
    pop.account.signIn = undefined
    pop.account.failing = new Fault('UNAVAILABLE', 'away')
    const second = await pop.connect()
    expect(await second.ask(line)).toMatch(/^-ERR \[SYS\/TEMP\]/)
    pop.account.failing = null
    expect(await second.ask(line)).toMatch(/^\+OK/)
    second.close()
  })

  it('ends at once, and without a word, when the account is suspended', async () => {
    pop = await pop3House(['a\r\n'])
    const client = await pop.enter()
    await client.ask('DELE 1')
    pop.house.signOut(pop.account)
    expect(await client.line()).toBeNull()
    expect(pop.account.messages.size).toBe(1)
    await pop.server.stop()
    expect(pop.account.open).toBe(0)
  })
})

describe('floods before sign-in', () => {
  it('end at ten bad commands, at a hundred good ones and at a line without end', async () => {
    pop = await pop3House()
    const bad = await pop.connect()
    bad.write('XYZZY\r\n'.repeat(1_000))
    const answers = (await bad.rest()).toString().trimEnd().split('\r\n')
    expect(answers).toHaveLength(10)
    expect(answers.at(-1)).toBe('-ERR Too many bad commands')
    const good = await pop.connect()
    good.write('UTF8\r\n'.repeat(1_000))
    expect((await good.rest()).toString().trimEnd().split('\r\n')).toHaveLength(101)
    const long = await pop.connect()
    long.write(`AUTH PLAIN ${'A'.repeat(1024 * 1024)}`)
    expect((await long.rest()).toString()).toBe('-ERR Line too long\r\n')
    const other = await pop.connect()
    expect(await other.ask(`CAPA ${'x'.repeat(300)}`)).toMatch(/^-ERR Not a command/)
    expect(await other.ask(`AUTH PLAIN ${base64(`\0${ANN}\0${'x'.repeat(8_000)}`)}`)).toBe(WRONG)
    other.close()
  })

  it('leave no word of the client in the log', async () => {
    pop = await pop3House()
    const client = await pop.connect()
    await client.ask('USER canary@our.test')
    await client.ask('PASS canary-secret')
    await client.ask('CANARY')
    pop.account.failing = new Fault('INTERNAL', 'canary')
    await client.ask(`AUTH PLAIN ${base64(`\0${ANN}\0${pop.account.password}`)}`)
    client.close()
    expect(pop.log.lines.length).toBeGreaterThan(0)
    expect(pop.log.lines.join()).not.toMatch(/canary|our\.test|battery/i)
  })
})
