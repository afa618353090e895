import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SmtpClient, smtpClient } from '#tests/helpers/smtp-client'
import { type House, openDemo, plain, signedIn, upgrade } from './stranger'

/** What stands before the handshake never counts (S-04), and nobody signs in as somebody else or where it is not offered (S-13), at every door of the running product. */

let house: House
beforeAll(async () => {
  house = await openDemo()
}, 240_000)
afterAll(async () => {
  await house?.stop()
}, 60_000)

interface Case {
  greeting: RegExp
  /** The command that asks for TLS, what it is answered, and what is put behind it. */
  ask: string
  ready: RegExp
  injected: () => string
  /** Commands after the handshake that show what ran, and the end of their answers. */
  probe: () => string
  answered: RegExp
  /** All that may be answered, once the probe is. */
  clean: RegExp
}

const DOORS: Record<'mx' | 'submission' | 'imap' | 'pop3' | 'sieve', Case> = {
  mx: {
    greeting: /^220 .*\r\n/m,
    ask: 'STARTTLS\r\n',
    ready: /^220 .*\r\n/m,
    injected: () => `EHLO evil.example\r\nMAIL FROM:<evil@x.example>\r\nRCPT TO:<${house.ann.email}>\r\nDATA\r\n`,
    probe: () => `RCPT TO:<${house.ann.email}>\r\nVRFY end\r\n`,
    answered: /(?:^5.*\r\n){2}/m,
    clean: /^503 .*\r\n50[02] .*\r\n$/,
  },
  submission: {
    greeting: /^220 .*\r\n/m,
    ask: 'STARTTLS\r\n',
    ready: /^220 .*\r\n/m,
    injected: () => `EHLO evil.example\r\nAUTH PLAIN ${plain(house.ann.email, house.ann.password)}\r\n`,
    probe: () => `MAIL FROM:<${house.ann.email}>\r\nVRFY end\r\n`,
    answered: /(?:^5.*\r\n){2}/m,
    clean: /^5(?:03|30) .*\r\n50[02] .*\r\n$/,
  },
  imap: {
    greeting: /^\* OK .*\r\n/m,
    ask: 'a STARTTLS\r\n',
    ready: /^a OK .*\r\n/m,
    injected: () => `b LOGIN ${house.ann.email} ${house.ann.password}\r\nc SELECT INBOX\r\n`,
    probe: () => 'd SELECT INBOX\r\ne NOOP\r\n',
    answered: /^e .*\r\n/m,
    clean: /^d (?:BAD|NO) .*\r\ne OK .*\r\n$/,
  },
  pop3: {
    greeting: /^\+OK.*\r\n/m,
    ask: 'STLS\r\n',
    ready: /^\+OK.*\r\n/m,
    injected: () => `USER ${house.ann.email}\r\nPASS ${house.ann.password}\r\n`,
    probe: () => `PASS ${house.ann.password}\r\nSTAT\r\n`,
    answered: /(?:^-ERR.*\r\n){2}/m,
    clean: /^-ERR.*\r\n-ERR.*\r\n$/,
  },
  sieve: {
    greeting: /^OK.*\r\n/m,
    ask: 'STARTTLS\r\n',
    ready: /^OK.*\r\n/m,
    injected: () => `AUTHENTICATE "PLAIN" "${plain(house.ann.email, house.ann.password)}"\r\nNOOP "injected"\r\n`,
    probe: () => 'LISTSCRIPTS\r\nNOOP "mine"\r\n',
    answered: /\{?4?\}?"?mine"?.*\r\n/,
    // RFC 5804 2.2: the capabilities again, then the two answers.
    clean: /^(?:".*\r\n)+OK.*\r\nNO.*\r\nOK[^\r]*(?:\{4\}\r\n|")mine/,
  },
}

/** What went wrong with one way of cutting the bytes into packets; undefined when nothing did. */
async function attack(door: keyof typeof DOORS, packets: readonly string[]): Promise<string | undefined> {
  const { greeting, ready, probe, answered, clean } = DOORS[door]
  const found = await upgrade(house.instance.ports[door], { greeting, packets, ready, probe: probe(), answered })
  // In the clear there is one answer: that TLS may begin.
  if (found.clear.split('\r\n').length !== 2) return `in the clear: ${found.clear}`
  // Commands that came when the handshake was expected are no handshake: the session ends there.
  if (!found.secure) return found.after === '' ? undefined : `without TLS: ${found.after}`
  return clean.test(found.after) ? undefined : `after TLS: ${found.after}`
}

describe.each(Object.keys(DOORS) as (keyof typeof DOORS)[])('commands behind STARTTLS at %s (S-04)', (door) => {
  it('are forgotten when they come in its packet', async () => {
    const { ask, injected } = DOORS[door]
    expect(await attack(door, [ask])).toBeUndefined()
    const { greeting, ready, probe, answered, clean } = DOORS[door]
    const packets = [ask + injected()]
    const found = await upgrade(house.instance.ports[door], { greeting, packets, ready, probe: probe(), answered })
    expect(found.clear.split('\r\n')).toHaveLength(2)
    expect(found.secure).toBe(true)
    expect(found.after).toMatch(clean)
  })

  it('and however fifty sessions at once cut them', async () => {
    const { ask, injected } = DOORS[door]
    const all = ask + injected()
    const cuts = Array.from({ length: 50 }, (_, i) => Math.max(1, Math.floor((i * all.length) / 50)))
    const wrong = await Promise.all(
      cuts.map((at, i) => {
        // Every third in three packets.
        const further = Math.floor((at + all.length) / 2)
        const packets =
          i % 3 === 0
            ? [all.slice(0, at), all.slice(at, further), all.slice(further)]
            : [all.slice(0, at), all.slice(at)]
        return attack(door, packets)
      }),
    )
    expect(wrong.filter((one) => one !== undefined)).toEqual([])
  }, 60_000)
})

describe('signing in at the doors of SMTP (S-13)', () => {
  /** A session under TLS that has greeted. */
  async function greeted(): Promise<SmtpClient> {
    const client = await smtpClient(house.instance.ports.submissions, { tls: true })
    await client.command('EHLO stranger.example')
    return client
  }

  it('is neither offered nor possible at the MX', async () => {
    const client = await smtpClient(house.instance.ports.mx)
    expect(await client.command('EHLO stranger.example')).not.toContain('AUTH')
    expect(await client.command(`AUTH PLAIN ${plain(house.ann.email, house.ann.password)}`)).toMatch(/^50[0-3]/)
    expect(await client.command('AUTH LOGIN')).toMatch(/^50[0-3]/)
    client.close()
  })

  // A client that believes EHLO would send the password before it is told 538 (RFC 4954 section 4).
  it('is not offered before TLS', async () => {
    const client = await smtpClient(house.instance.ports.submission)
    const features = await client.command('EHLO stranger.example')
    client.close()
    expect(features).not.toContain('AUTH')
  })

  it('is not possible before TLS', async () => {
    const client = await smtpClient(house.instance.ports.submission)
    await client.command('EHLO stranger.example')
    for (const mechanism of ['PLAIN', 'LOGIN', 'XOAUTH2', 'OAUTHBEARER'])
      expect(
        await client.command(`AUTH ${mechanism} ${plain(house.ann.email, house.ann.password)}`),
        mechanism,
      ).toMatch(/^53[08]/)
    expect(await client.command(`MAIL FROM:<${house.ann.email}>`)).toMatch(/^530/)
    client.close()
  })

  it('offers nothing that needs passwords kept in the clear', async () => {
    const client = await greeted()
    for (const mechanism of [
      'CRAM-MD5',
      'DIGEST-MD5',
      'NTLM',
      'SCRAM-SHA-1',
      'GSSAPI',
      'ANONYMOUS',
      'EXTERNAL',
      'PLAIN\0',
    ])
      expect(await client.command(`AUTH ${mechanism}`), mechanism).toMatch(/^50\d/)
    client.close()
  })

  it('is for oneself only', async () => {
    const { ann, ben } = house
    const own = await greeted()
    expect(await own.command(`AUTH PLAIN ${plain(ann.email, ann.password, ben.email)}`)).toMatch(/^535/)
    expect(await own.command(`AUTH PLAIN ${plain(ann.email, ann.password, house.demo.operator.email)}`)).toMatch(/^535/)
    expect(await own.command(`AUTH PLAIN ${plain(ann.email, ann.password, ann.email)}`)).toMatch(/^235/)
    expect(await own.command(`AUTH PLAIN ${plain(ben.email, ben.password)}`)).toMatch(/^503/)
    own.close()
  })

  /** Tries each response, behind AUTH and in a line of its own; those that were not refused. */
  async function takenOf(responses: Record<string, string>): Promise<string[]> {
    const taken: string[] = []
    for (const [what, response] of Object.entries(responses))
      for (const line of ['initial', 'own'] as const) {
        const client = await greeted()
        const begun = line === 'own' ? await client.command('AUTH PLAIN') : ''
        const reply = await client.command(line === 'own' ? response : `AUTH PLAIN ${response}`)
        if (!/^5/.test(reply) || (line === 'own' && !begun.startsWith('334'))) taken.push(`${what}, ${line}: ${reply}`)
        client.close()
      }
    return taken
  }
  const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')

  it('takes no credentials that two readers could read differently', async () => {
    const { email, password } = house.ann
    const taken = await takenOf({
      'a fourth part': base64(`\0${email}\0${password}\0x`),
      'two parts': base64(`${email}\0${password}`),
      'a NUL before the password': base64(`\0${email}\0\0${password}`),
      'no password': base64(`\0${email}\0`),
      'a CR in the name': base64(`\0${email}\r\0${password}`),
      'an LF behind the password': base64(`\0${email}\0${password}\n`),
      'another alphabet': plain(email, password).replace(/.$/, '-'),
      nothing: '=',
      'an endless name': base64(`\0${'a'.repeat(5_000)}\0x`),
    })
    expect(taken).toEqual([])
  }, 60_000)

  // RFC 4954 section 4 wants 501 for what is no base64. Node's decoder skips these bytes: this test turns red when they are refused.
  it.fails('takes no base64 with control characters in it', async () => {
    const good = plain(house.ann.email, house.ann.password)
    const half = Math.floor(good.length / 2)
    const within = (text: string) => good.slice(0, half) + text + good.slice(half)
    expect(await takenOf({ tab: within('\t'), CR: within('\r'), NUL: within('\0'), blank: within(' ') })).toEqual([])
  }, 60_000)

  it('in the middle of it ends with a star, and nothing of it is left', async () => {
    const client = await greeted()
    expect(await client.command('AUTH LOGIN')).toMatch(/^334/)
    expect(await client.command('*')).toMatch(/^501/)
    expect(await client.command(`MAIL FROM:<${house.ann.email}>`)).toMatch(/^530/)
    client.close()
    const after = await signedIn(house, house.ann)
    expect(await after.command('NOOP')).toMatch(/^250/)
    after.close()
  })
})
