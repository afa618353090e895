import { afterEach, describe, expect, it } from 'vitest'
import { Fault } from '#lib/errors'
import { testClient } from '#mailcore/door/testing'
import { base64, literal, type SieveHouse, sieveHouse } from './testing'

let sieve: SieveHouse
afterEach(() => sieve.server.stop())

const ANN = 'ann@our.test'
const plainOf = (password: string) => base64(`\0${ANN}\0${password}`)

describe('before TLS', () => {
  it('greets with its capabilities and takes no credentials', async () => {
    sieve = await sieveHouse()
    const client = await testClient(sieve.server.port)
    expect(await sieve.answer(client)).toBe(
      '"IMPLEMENTATION" "MailTight"\n"SIEVE" "fileinto vacation"\n"SASL" ""\n"STARTTLS"\n"MAXREDIRECTS" "4"\n"UNAUTHENTICATE"\n"VERSION" "1.0"\nOK "sieve.our.test ManageSieve ready"',
    )
    const refused = await sieve.ask(client, `AUTHENTICATE "PLAIN" "${plainOf(sieve.account.password)}"`)
    expect(refused).toMatch(/^NO \(ENCRYPT-NEEDED\)/)
    expect(await sieve.ask(client, 'AUTHENTICATE "PLAIN"')).toMatch(/^NO \(ENCRYPT-NEEDED\)/)
    expect(await sieve.ask(client, 'LISTSCRIPTS')).toMatch(/^NO "Authenticate first/)
    expect(await sieve.ask(client, 'LOGOUT')).toMatch(/^OK/)
    expect(await client.line()).toBeNull()
  })

  it('forgets what came behind STARTTLS, and sends its capabilities anew (S-04)', async () => {
    sieve = await sieveHouse()
    const attempts = Array.from({ length: 30 }, async (_, i) => {
      const client = await sieve.clear()
      const text = `STARTTLS\r\nAUTHENTICATE "PLAIN" "${plainOf(sieve.account.password)}"\r\nNOOP "injected"\r\n`
      if (i < 10) {
        client.write(text.slice(0, i))
        await new Promise((resolve) => setTimeout(resolve, 5))
        client.write(text.slice(i))
      } else client.write(text)
      expect(await sieve.answer(client)).toBe('OK "Begin TLS now"')
      await client.startTls()
      const greeting = await sieve.answer(client)
      expect(greeting).toContain('"SASL" "PLAIN OAUTHBEARER XOAUTH2"\n')
      expect(greeting).not.toContain('STARTTLS')
      expect(await sieve.ask(client, 'NOOP "mine"')).toBe('OK (TAG "mine") "Nothing done"')
      expect(await sieve.ask(client, 'LISTSCRIPTS')).toMatch(/^NO "Authenticate first/)
      expect(await sieve.ask(client, 'STARTTLS')).toMatch(/^NO/)
      client.close()
    })
    await Promise.all(attempts)
  })
})

describe('signing in', () => {
  it('by every mechanism, the message quoted or a literal, at once or after a challenge', async () => {
    sieve = await sieveHouse()
    const plain = plainOf(sieve.account.password)
    const bearer = base64(`n,a=${ANN},\x01auth=Bearer ${sieve.account.token}\x01\x01`)
    const xoauth = base64(`user=${ANN}\x01auth=Bearer ${sieve.account.token}\x01\x01`)
    for (const [command, answer] of [
      [`AUTHENTICATE "PLAIN" "${plain}"`],
      [`authenticate "plain" ${literal(plain)}`],
      ['AUTHENTICATE "PLAIN"', `"${plain}"`],
      [`AUTHENTICATE ${literal('PLAIN')}`, literal(plain)],
      [`AUTHENTICATE "OAUTHBEARER" "${bearer}"`],
      ['AUTHENTICATE "XOAUTH2"', `"${xoauth}"`],
    ]) {
      const client = await sieve.secure()
      client.write(`${command}\r\n`)
      if (answer) {
        expect(await client.line()).toBe('""')
        client.write(`${answer}\r\n`)
      }
      expect(await client.line()).toBe('OK "Welcome"')
      // Nothing comes unasked behind it: no mechanism here has a security layer.
      expect(await sieve.ask(client, 'NOOP')).toBe('OK "Nothing done"')
      expect(await sieve.ask(client, 'CAPABILITY')).toContain('"OWNER" "ann@our.test"')
      client.close()
    }
  })

  it('is cancelled by "*", and closes after three failures', async () => {
    sieve = await sieveHouse()
    const client = await sieve.secure()
    client.write('AUTHENTICATE "PLAIN"\r\n')
    expect(await client.ask('"*"')).toBe('""')
    expect(await sieve.answer(client)).toBe('NO "Cancelled"')
    for (const text of [
      '"PLAIN" "!"',
      `"PLAIN" "${base64('x')}"`,
      '"LOGIN"',
      '"CRAM-MD5"',
      '"PLAIN" 1',
      'PLAIN',
      '"PLAIN" "="',
    ])
      expect(await sieve.ask(client, `AUTHENTICATE ${text}`)).toMatch(/^NO "/)
    for (let i = 0; i < 3; i++)
      expect(await sieve.ask(client, `AUTHENTICATE "PLAIN" "${plainOf('x')}"`)).toBe('NO "Wrong name or password"')
    expect(await sieve.answer(client)).toMatch(/^BYE/)
    expect(await client.line()).toBeNull()
  })

  it('shows why a token failed before it refuses (RFC 7628 3.2.2)', async () => {
    sieve = await sieveHouse()
    const client = await sieve.secure()
    const bearer = base64(`n,a=${ANN},\x01auth=Bearer nope\x01\x01`)
    const shown = await client.ask(`AUTHENTICATE "OAUTHBEARER" "${bearer}"`)
    expect(Buffer.from(shown?.slice(1, -1) ?? '', 'base64').toString()).toContain('invalid_token')
    expect(await sieve.ask(client, '"AQ=="')).toBe('NO "Wrong name or password"')
    client.close()
  })

  it('says TRYLATER on an outage, and that an account is suspended', async () => {
    sieve = await sieveHouse()
    const client = await sieve.secure()
    const line = `AUTHENTICATE "PLAIN" "${plainOf(sieve.account.password)}"`
    sieve.house.failing = new Fault('UNAVAILABLE', 'away')
    expect(await sieve.ask(client, line)).toMatch(/^NO \(TRYLATER\)/)
    sieve.house.failing = null
    sieve.account.signIn = { ok: false, reason: 'suspended' }
    expect(await sieve.ask(client, line)).toMatch(/^NO "This account was suspended"/)
    sieve.account.signIn = undefined
    expect(await sieve.ask(client, line)).toMatch(/^OK/)
    sieve.house.signOut(sieve.account)
    expect(await sieve.answer(client)).toBe('BYE "This account was suspended"')
    expect(await client.line()).toBeNull()
  })

  it('can be undone', async () => {
    sieve = await sieveHouse()
    const client = await sieve.enter()
    expect(sieve.account.open).toBe(1)
    expect(await sieve.ask(client, 'UNAUTHENTICATE')).toMatch(/^OK/)
    expect(sieve.account.open).toBe(0)
    expect(await sieve.ask(client, 'LISTSCRIPTS')).toMatch(/^NO "Authenticate first/)
    expect(await sieve.ask(client, `AUTHENTICATE "PLAIN" "${plainOf(sieve.account.password)}"`)).toMatch(/^OK/)
    expect(await sieve.ask(client, 'AUTHENTICATE "PLAIN"')).toMatch(/^NO "You are signed in/)
    await sieve.server.stop()
    expect(await sieve.answer(client)).toBe('BYE (TRYLATER) "The server is restarting"')
    expect(sieve.account.open).toBe(0)
  })
})

describe('floods before sign-in (M-04)', () => {
  it('are bounded', async () => {
    sieve = await sieveHouse()
    const BYE = /^BYE "Too/
    for (const text of [
      `AUTHENTICATE "PLAIN" "${'A'.repeat(1024 * 1024)}"\r\n`,
      `AUTHENTICATE "PLAIN" {1048576+}\r\n${'A'.repeat(1024 * 1024)}\r\n`,
      'AUTHENTICATE "PLAIN" {4294967296+}\r\n',
      'PUTSCRIPT "a" {200000000+}\r\n',
      'NOOP {99999999999999999999+}\r\n',
      'A'.repeat(200_000),
      'NOOP "a"\r\n'.repeat(1_000),
      'XYZZY\r\n'.repeat(1_000),
    ]) {
      const client = await sieve.secure()
      client.write(text)
      const answers = (await client.rest()).toString().trimEnd().split('\r\n')
      expect(answers.at(-1)).toMatch(BYE)
      expect(answers.length).toBeLessThan(110)
    }
    const client = await sieve.secure()
    client.write('AUTHENTICATE "PLAIN"\r\n')
    expect(await client.ask(`{1000000+}\r\n${'A'.repeat(1_000_000)}`)).toBe('""')
    expect(await sieve.answer(client)).toMatch(BYE)
  })

  it('leave no word of the client in the log', async () => {
    sieve = await sieveHouse()
    const client = await sieve.enter()
    await sieve.ask(client, 'CANARY "canary"')
    sieve.account.failing = new Fault('INTERNAL', 'canary')
    expect(await sieve.ask(client, 'PUTSCRIPT "canary" "keep;"')).toMatch(/^NO \(TRYLATER\)/)
    client.close()
    expect(sieve.log.lines.length).toBeGreaterThan(1)
    expect(sieve.log.lines.join()).not.toMatch(/canary|our\.test|battery/i)
  })
})
