import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '#lib/clock'
import { silentLog } from '#lib/log'
import {
  type FakeAccount,
  type FakeDelivery,
  type FakeDirectory,
  type FakeQueue,
  fakeCaps,
  fakeDelivery,
  fakeDirectory,
  fakeQueue,
  outage,
} from '#tests/helpers/fakes'
import { type SmtpClient, smtpClient, testCertificate } from '#tests/helpers/smtp-client'
import { startSubmission } from './submission'

const tls = testCertificate()
let directory: FakeDirectory
let delivery: FakeDelivery
let queue: FakeQueue
let caps: ReturnType<typeof fakeCaps>
let alice: FakeAccount
let doors: Awaited<ReturnType<typeof startSubmission>>
const clients: SmtpClient[] = []

beforeEach(async () => {
  directory = fakeDirectory()
  alice = directory.add('alice@our.test', { password: 'pw', aliases: ['al@our.test'] })
  directory.add('bob@our.test', { password: 'pw' })
  delivery = fakeDelivery()
  queue = fakeQueue()
  caps = fakeCaps()
  doors = await startSubmission({
    host: '127.0.0.1',
    ports: { startTls: 0, implicitTls: 0 },
    hostname: 'mx.our.test',
    tls,
    directory,
    delivery,
    queue,
    lookupKey: Buffer.alloc(32),
    caps,
    clock: systemClock,
    log: silentLog,
    limits: 'normal',
  })
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await doors.stop()
})

const plain = (user: string, password: string, authzid = '') =>
  `AUTH PLAIN ${Buffer.from(`${authzid}\0${user}\0${password}`).toString('base64')}`

async function connected(secure = true): Promise<SmtpClient> {
  const client = await smtpClient(secure ? doors.ports.implicitTls : doors.ports.startTls, { tls: secure })
  clients.push(client)
  await client.command('EHLO canary-host.corp.test')
  return client
}

async function signedIn(): Promise<SmtpClient> {
  const client = await connected()
  expect(await client.command(plain('alice@our.test', 'pw'))).toMatch(/^235/)
  return client
}

async function submitMessage(client: SmtpClient, to: string[], text: string, from = 'alice@our.test'): Promise<string> {
  const mail = await client.command(`MAIL FROM:<${from}>`)
  if (!mail.startsWith('250')) return mail
  for (const one of to) {
    const rcpt = await client.command(`RCPT TO:<${one}>`)
    if (!rcpt.startsWith('250')) return rcpt
  }
  await client.command('DATA')
  client.write(`${text}\r\n.\r\n`)
  return await client.reply()
}

const message = 'From: Alice <alice@our.test>\r\nTo: bob@our.test\r\nSubject: hi\r\n\r\nbody\r\n'

describe('signing in (S-13)', () => {
  it('refuses AUTH and MAIL before TLS, and takes them after STARTTLS', async () => {
    const client = await connected(false)
    expect(await client.command(plain('alice@our.test', 'pw'))).toMatch(/^538/)
    expect(await client.command('MAIL FROM:<alice@our.test>')).toMatch(/^530 5\.7\.0/)
    expect(await client.command('STARTTLS')).toMatch(/^220/)
    await client.startTls()
    expect(await client.command('EHLO x.test')).toMatch(/AUTH PLAIN LOGIN OAUTHBEARER XOAUTH2/)
    expect(await client.command(plain('Alice@OUR.test', 'pw'))).toMatch(/^235/)
  })

  it('drops what came in plain together with STARTTLS (S-04)', async () => {
    const client = await connected(false)
    client.write(`STARTTLS\r\n${plain('alice@our.test', 'pw')}\r\nMAIL FROM:<alice@our.test>\r\n`)
    expect(await client.reply()).toMatch(/^220/)
    await client.startTls()
    // The next reply is that to EHLO, and nobody is signed in.
    expect(await client.command('EHLO x.test')).toMatch(/^250-/)
    expect(await client.command('MAIL FROM:<alice@our.test>')).toMatch(/^530 5\.7\.0/)
  })

  it('takes PLAIN and LOGIN, and no mechanism that it does not offer', async () => {
    const client = await connected()
    expect(await client.command('AUTH LOGIN')).toMatch(/^334/)
    expect(await client.command(Buffer.from('alice@our.test').toString('base64'))).toMatch(/^334/)
    expect(await client.command(Buffer.from('pw').toString('base64'))).toMatch(/^235/)
    expect(await (await connected()).command('AUTH CRAM-MD5')).toMatch(/^504/)
  })

  it.each([
    ['a wrong password', plain('alice@our.test', 'no'), /^535 5\.7\.8/],
    ['an unknown name', plain('nobody@our.test', 'pw'), /^535 5\.7\.8/],
    ['the identity of another', plain('alice@our.test', 'pw', 'bob@our.test'), /^535 5\.7\.8/],
    ['an endless password', plain('alice@our.test', 'p'.repeat(2_000)), /^535 5\.7\.8/],
    ['garbage', 'AUTH PLAIN !!!!', /^501/],
  ])('refuses %s', async (_, command, code) => {
    expect(await (await connected()).command(command)).toMatch(code)
  })

  it('tells suspension, patience and outage apart', async () => {
    alice.signIn = { ok: false, reason: 'suspended' }
    expect(await (await connected()).command(plain('alice@our.test', 'pw'))).toMatch(/^525 5\.7\.13/)
    alice.signIn = { ok: false, reason: 'slow-down', retryAfterS: 60 }
    expect(await (await connected()).command(plain('alice@our.test', 'pw'))).toMatch(/^454 4\.7\.0/)
    directory.failing = outage()
    expect(await (await connected()).command(plain('alice@our.test', 'pw'))).toMatch(/^451 4\.3\.0/)
  })
})

describe('signing in by an access token (RFC 7628)', () => {
  const bearer = (token: string, user = '') =>
    Buffer.from(`n,${user && `a=${user}`},\u0001auth=Bearer ${token}\u0001\u0001`).toString('base64')
  const google = (token: string, user: string) =>
    Buffer.from(`user=${user}\u0001auth=Bearer ${token}\u0001\u0001`).toString('base64')
  const FAILURE = '334 eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NvcGUiOiJtYWlsIn0='
  beforeEach(() => {
    alice.token = 'mtk_right'
  })

  it.each([
    ['OAUTHBEARER that names its account', `AUTH OAUTHBEARER ${bearer('mtk_right', 'alice@our.test')}`],
    ['OAUTHBEARER that names nobody', `AUTH oauthbearer ${bearer('mtk_right')}`],
    ['XOAUTH2', `AUTH XOAUTH2 ${google('mtk_right', 'Alice@our.test')}`],
  ])('takes %s, and then mail', async (_, command) => {
    const client = await connected()
    expect(await client.command(command)).toMatch(/^235 2\.7\.0/)
    expect(await submitMessage(client, ['bob@our.test'], message)).toMatch(/^250/)
    expect(await client.command(command)).toMatch(/^503/)
  })

  it('takes the message after an empty challenge, and lets the client call it off', async () => {
    const client = await connected()
    expect(await client.command('AUTH OAUTHBEARER')).toBe('334')
    expect(await client.command('*')).toMatch(/^501 5\.7\.0/)
    expect(await client.command('AUTH XOAUTH2')).toBe('334')
    expect(await client.command(google('mtk_right', 'alice@our.test'))).toMatch(/^235/)
  })

  it.each([
    ['a wrong token', `AUTH OAUTHBEARER ${bearer('mtk_wrong', 'alice@our.test')}`],
    ['the token of another', `AUTH OAUTHBEARER ${bearer('mtk_right', 'bob@our.test')}`],
    ['a wrong token by XOAUTH2', `AUTH XOAUTH2 ${google('mtk_wrong', 'alice@our.test')}`],
    ['the password for a token', `AUTH XOAUTH2 ${google('pw', 'alice@our.test')}`],
  ])('tells %s why, waits for the last word, and refuses', async (_, command) => {
    for (const last of ['AQ==', '', '*', 'NOOP']) {
      const client = await connected()
      expect(await client.command(command)).toBe(FAILURE)
      expect(await client.command(last)).toMatch(/^535 5\.7\.8/)
      expect(await client.command('MAIL FROM:<alice@our.test>')).toMatch(/^530/)
    }
  })

  it.each([
    ['no base64', 'AUTH OAUTHBEARER !!!!', /^501 5\.5\.2/],
    ['an empty message', 'AUTH OAUTHBEARER =', /^501 5\.5\.2/],
    ['the form of the other mechanism', `AUTH XOAUTH2 ${bearer('mtk_right', 'alice@our.test')}`, /^501 5\.5\.2/],
    ['two arguments', `AUTH XOAUTH2 ${google('mtk_right', 'alice@our.test')} x`, /^501 5\.5\.4/],
  ])('refuses %s', async (_, command, code) => {
    const client = await connected()
    expect(await client.command(command)).toMatch(code)
    expect(await client.command('MAIL FROM:<alice@our.test>')).toMatch(/^530/)
  })

  it('takes no token before TLS', async () => {
    expect(await (await connected(false)).command(`AUTH OAUTHBEARER ${bearer('mtk_right')}`)).toMatch(/^538/)
  })

  it('tells suspension, patience and outage apart', async () => {
    const command = `AUTH OAUTHBEARER ${bearer('mtk_right')}`
    alice.signIn = { ok: false, reason: 'suspended' }
    expect(await (await connected()).command(command)).toMatch(/^525 5\.7\.13/)
    alice.signIn = { ok: false, reason: 'slow-down', retryAfterS: 60 }
    expect(await (await connected()).command(command)).toMatch(/^454 4\.7\.0/)
    directory.failing = outage()
    expect(await (await connected()).command(command)).toMatch(/^451 4\.3\.0/)
  })
})

describe('a password taken away while it is being checked', () => {
  it('opens no session', async () => {
    const check = directory.signIn
    directory.signIn = async (login) => {
      const result = await check(login)
      directory.signOut(alice.mailbox.accountId, 'password')
      // The door hears of it before the check has an answer.
      await new Promise((heard) => setImmediate(heard))
      return result
    }
    const client = await connected()
    expect(await client.command(plain('alice@our.test', 'pw'))).toMatch(/^535 5\.7\.8/)
    expect(await client.command('MAIL FROM:<alice@our.test>')).toMatch(/^5/)
    directory.signIn = check
    expect(await (await connected()).command(plain('alice@our.test', 'pw'))).toMatch(/^235/)
  })
})

describe('who speaks (S-07)', () => {
  it('lets an account send as any of its own addresses', async () => {
    const client = await signedIn()
    expect(await submitMessage(client, ['bob@our.test'], message, 'al@our.test')).toMatch(/^250/)
  })

  it.each([
    'bob@our.test',
    'x@ext.test',
    '',
    '"alice@our.test"@ext.test',
    'ali\0ce@our.test',
    '=?utf-8?q?alice?=@our.test',
  ])('refuses MAIL FROM <%s>', async (from) => {
    expect(await submitMessage(await signedIn(), ['bob@our.test'], message, from)).toMatch(/^5(53 5\.7\.1|01)/)
  })

  // A source route is to be ignored (RFC 5321 4.1.2).
  it('reads no route into MAIL FROM', async () => {
    const from = '@ext.test:alice@our.test'
    expect(await submitMessage(await signedIn(), ['x@ext.test', 'bob@our.test'], message, from)).toMatch(/^250/)
    expect(queue.enqueued[0]?.sender).toBe('alice@our.test')
    expect(delivery.delivered[0]?.raw.toString()).toMatch(/^Return-Path: <alice@our\.test>\r\n/)
  })

  it('refuses what stands behind the path and is no parameter', async () => {
    const from = 'alice@our.test> <bob@our.test'
    expect(await submitMessage(await signedIn(), ['bob@our.test'], message, from)).toMatch(/^555 5\.5\.4/)
  })

  it('does not take a route as the sender that it ends in', async () => {
    const from = '@our.test,@ext.test:bob@our.test'
    expect(await submitMessage(await signedIn(), ['x@ext.test'], message, from)).toMatch(/^553 5\.7\.1/)
  })

  it.each([
    ['a foreign From', 'From: bob@our.test'],
    ['a foreign Sender', 'From: alice@our.test\r\nSender: bob@our.test'],
    ['a foreign Resent-From', 'From: alice@our.test\r\nResent-From: bob@our.test'],
    ['a foreign co-author', 'From: alice@our.test, bob@our.test'],
    ['two From fields', 'From: alice@our.test\r\nFrom: bob@our.test'],
    ['two From fields, spaced', 'From: alice@our.test\r\nFrom : bob@our.test'],
    ['no From', 'Subject: x'],
    ['an empty From', 'From:'],
    ['a group', 'From: alice@our.test:bob@our.test;'],
    ['a quoted @', 'From: "alice@our.test"@ext.test'],
    ['a route', 'From: <@our.test:alice@our.test>'],
    ['a foreign Resent-Sender', 'From: alice@our.test\r\nResent-From: alice@our.test\r\nResent-Sender: bob@our.test'],
    ['two Sender fields', 'From: alice@our.test\r\nSender: alice@our.test\r\nSender: bob@our.test'],
    ['a second From in other letters', 'From: alice@our.test\r\nfROM: bob@our.test'],
    ['a co-author in a folded line', 'From: alice@our.test,\r\n bob@our.test'],
    ['an author behind a NUL', 'From: alice@our.test\0, bob@our.test'],
    ['a NUL in an address', 'From: ali\0ce@our.test'],
    ['an address as an encoded word', 'From: =?utf-8?q?alice=40our.test?='],
    ['an encoded word inside an address', 'From: <=?utf-8?q?alice?=@our.test>'],
    ['two addresses in one mailbox', 'From: <alice@our.test><bob@our.test>'],
    ['a foreign address in brackets before ours', 'From: <bob@our.test> <alice@our.test>'],
    ['a foreign address bare before ours', 'From: bob@our.test <alice@our.test>'],
    ['a foreign address bare behind ours', 'From: <alice@our.test> bob@our.test'],
    ['an author behind 300 kB of comment', `From: alice@our.test (${'\r\n x'.repeat(80_000)}), bob@our.test`],
    ['another behind a display name that is ours', 'From: "alice@our.test" <bob@our.test>'],
    ['a From that ends with a bare line feed before another', 'From: alice@our.test\nFrom: bob@our.test'],
  ])('refuses %s', async (_, header) => {
    expect(await submitMessage(await signedIn(), ['bob@our.test'], `${header}\r\n\r\nx`)).toMatch(/^55[03] 5\.[67]/)
    expect(delivery.delivered).toHaveLength(0)
  })

  it('refuses who may not send at the moment', async () => {
    alice.maySend = false
    expect(await submitMessage(await signedIn(), ['bob@our.test'], message)).toMatch(/^550 5\.7\.1/)
  })
})

describe('sending', () => {
  it('delivers inside, queues the rest, and lets nothing of the client through (P9)', async () => {
    const client = await signedIn()
    const leaky =
      'Received: from canary-host.corp.test ([10.9.8.7])\r\nX-Originating-IP: 10.9.8.7\r\nUser-Agent: canary\r\n' +
      'Message-ID: <1@canary-host.corp.test>\r\nDate: Mon, 23 Nov 2026 12:00:00 +0530\r\nBcc: secret@ext.test\r\n'
    expect(await submitMessage(client, ['bob@our.test', 'x@ext.test', 'secret@ext.test'], leaky + message)).toMatch(
      /^250/,
    )
    expect(delivery.delivered).toHaveLength(1)
    expect(queue.enqueued[0]).toMatchObject({
      sender: 'alice@our.test',
      recipients: ['x@ext.test', 'secret@ext.test'],
      smtpUtf8: false,
    })
    for (const raw of [delivery.delivered[0]?.raw, queue.enqueued[0]?.raw]) {
      const text = raw?.toString() ?? ''
      expect(text).not.toMatch(/canary|10\.9\.8\.7|127\.0\.0\.1|\+0530|secret/i)
      expect(text).toContain('Date: Mon, 23 Nov 2026 06:30:00 +0000\r\n')
      expect(text).toMatch(/Received: by mx\.our\.test with ESMTPSA id \S+;/)
      expect(text.endsWith('\r\n\r\nbody\r\n\r\n')).toBe(true)
    }
  })

  it('mends bare line breaks of its own people (S-01)', async () => {
    const client = await signedIn()
    expect(await submitMessage(client, ['x@ext.test'], 'From: alice@our.test\nSubject: x\r\n\r\na\rb\n.\nc')).toMatch(
      /^250/,
    )
    expect(queue.enqueued[0]?.raw.toString()).toMatch(/\r\n\r\na\r\nb\r\n\.\r\nc\r\n$/)
  })

  it('refuses an unknown address here at once', async () => {
    expect(await submitMessage(await signedIn(), ['nobody@our.test'], message)).toMatch(/^550 5\.1\.1/)
    expect(await submitMessage(await signedIn(), ['v%ext.test@our.test'], message)).toMatch(/^553 5\.1\.3/)
  })

  it('takes from the cap once, however often the client has to try again', async () => {
    const client = await signedIn()
    queue.failing = outage()
    expect(await submitMessage(client, ['a@ext.test'], message)).toMatch(/^451 4\.3\.0/)
    expect(await submitMessage(client, ['a@ext.test'], message)).toMatch(/^451 4\.3\.0/)
    queue.failing = null
    expect(await submitMessage(client, ['a@ext.test'], message)).toMatch(/^250/)
    expect(caps.taken).toEqual([1])
  })

  it('names what is handed in again by the same key, and by none without a Message-ID', async () => {
    const client = await signedIn()
    const keyOf = async (text: string, to = ['a@ext.test', 'bob@our.test']) => {
      expect(await submitMessage(client, to, text)).toMatch(/^250/)
      const [queued, stored] = [queue.enqueued.at(-1)?.onceKey, delivery.delivered.at(-1)?.onceKey]
      expect(stored).toEqual(queued)
      return queued?.toString('hex')
    }
    const named = `Message-ID: <1@our.test>\r\n${message}`
    const first = await keyOf(named)
    expect(first).toMatch(/^[0-9a-f]{32,}$/)
    expect(await keyOf(named)).toBe(first)
    expect(await keyOf(named, ['b@ext.test', 'bob@our.test'])).not.toBe(first)
    expect(await keyOf(`Message-ID: <2@our.test>\r\n${message}`)).not.toBe(first)
    expect(await keyOf(message)).toBeUndefined()
  })

  it('answers 451 when either half fails, and a retry repeats only that half', async () => {
    const client = await signedIn()
    delivery.failing = outage()
    const to = ['bob@our.test', 'x@ext.test']
    expect(await submitMessage(client, to, message)).toMatch(/^451 4\.3\.0/)
    expect(await submitMessage(client, to, message)).toMatch(/^451 4\.3\.0/)
    delivery.failing = null
    expect(await submitMessage(client, to, message)).toMatch(/^250/)
    expect(queue.enqueued).toHaveLength(1)
    expect(delivery.delivered).toHaveLength(1)
    // Sent once more on purpose, it goes out once more.
    expect(await submitMessage(client, to, message)).toMatch(/^250/)
    expect(queue.enqueued).toHaveLength(2)
    queue.failing = outage()
    expect(await submitMessage(client, to, message)).toMatch(/^451 4\.3\.0/)
    expect(delivery.delivered).toHaveLength(2)
  })

  it('ends the sessions of an account that is signed out, and only those', async () => {
    directory.add('carol@our.test', { password: 'pw' })
    const client = await signedIn()
    const other = await connected()
    await other.command(plain('carol@our.test', 'pw'))
    directory.signOut(alice.mailbox.accountId)
    expect(await client.reply()).toMatch(/^421 4\.7\.0/)
    expect(await client.reply()).toBe('')
    expect(await other.command('NOOP')).toMatch(/^250/)
  })

  it('does not send what was coming in when its account was signed out', async () => {
    const client = await signedIn()
    await client.command('MAIL FROM:<alice@our.test>')
    await client.command('RCPT TO:<x@ext.test>')
    await client.command('DATA')
    client.write('From: alice@our.test\r\n')
    directory.signOut(alice.mailbox.accountId, 'terminated')
    client.write('\r\nx\r\n.\r\n')
    expect(await client.reply()).toMatch(/^421/)
    expect(queue.enqueued).toHaveLength(0)
  })
})

describe('what an account may send (S-16)', () => {
  it('counts people elsewhere, and nobody here', async () => {
    const client = await signedIn()
    expect(await submitMessage(client, ['bob@our.test'], message)).toMatch(/^250/)
    expect(caps.taken).toEqual([])
    expect(await submitMessage(client, ['bob@our.test', 'a@ext.test', 'b@ext.test'], message)).toMatch(/^250/)
    expect(caps.taken).toEqual([2])
  })

  it.each([
    ['rate', /^451 4\.7\.1/],
    ['frozen', /^550 5\.7\.1/],
  ] as const)('refuses what is beyond it (%s), and neither stores nor queues any of it', async (reason, code) => {
    caps.answer = { ok: false, reason, level: 'account' }
    const client = await signedIn()
    expect(await submitMessage(client, ['bob@our.test', 'a@ext.test'], message)).toMatch(code)
    expect(queue.enqueued).toEqual([])
    expect(delivery.delivered).toEqual([])
  })
})
