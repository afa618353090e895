import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '#lib/clock'
import { silentLog } from '#lib/log'
import {
  type FakeDelivery,
  type FakeDirectory,
  type FakeQueue,
  fakeCaps,
  fakeDelivery,
  fakeDirectory,
  fakeMailbox,
  fakeQueue,
} from '#tests/helpers/fakes'
import { type SmtpClient, smtpClient, testCertificate } from '#tests/helpers/smtp-client'
import { startSubmission } from './submission'

const tls = testCertificate()
let directory: FakeDirectory
let delivery: FakeDelivery
let queue: FakeQueue
let doors: Awaited<ReturnType<typeof startSubmission>>
const clients: SmtpClient[] = []

beforeEach(async () => {
  directory = fakeDirectory()
  directory.add('alice@our.test', { password: 'pw' })
  directory.add('bob@our.test')
  delivery = fakeDelivery()
  queue = fakeQueue()
  doors = await startSubmission({
    host: '127.0.0.1',
    ports: { startTls: 0, implicitTls: 0 },
    hostname: 'mx.our.test',
    tls,
    directory,
    delivery,
    queue,
    lookupKey: Buffer.alloc(32),
    caps: fakeCaps(),
    clock: systemClock,
    log: silentLog,
    limits: 'normal',
  })
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await doors.stop()
})

async function signedIn(): Promise<SmtpClient & { features: string }> {
  const client = await smtpClient(doors.ports.implicitTls, { tls: true })
  clients.push(client)
  const features = await client.command('EHLO x.test')
  const secret = Buffer.from('\0alice@our.test\0pw').toString('base64')
  expect(await client.command(`AUTH PLAIN ${secret}`)).toMatch(/^235/)
  return { ...client, features }
}

/** Sends one message; the first reply that is no success, or that to the message. */
async function send(client: SmtpClient, mail: string, ...rcpt: string[]): Promise<string> {
  for (const line of [`MAIL FROM:<alice@our.test> ${mail}`, ...rcpt.map((one) => `RCPT TO:${one}`), 'DATA']) {
    const reply = await client.command(line.trim())
    if (!/^[23]/.test(reply)) return reply
  }
  client.write('From: alice@our.test\r\nSubject: x\r\n\r\nx\r\n.\r\n')
  return await client.reply()
}

describe('DSN (RFC 3461)', () => {
  it('takes RET, ENVID, NOTIFY and ORCPT, decoded, to the queue', async () => {
    const client = await signedIn()
    expect(client.features).toMatch(/^250-DSN$/m)
    const reply = await send(
      client,
      'RET=HDRS ENVID=QQ+2B314',
      '<far@ext.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Far+2Baway@ext.test',
      '<other@ext.test>',
    )
    expect(reply).toMatch(/^250/)
    expect(queue.enqueued[0]).toMatchObject({
      recipients: ['far@ext.test', 'other@ext.test'],
      wishes: {
        ret: 'hdrs',
        envid: 'QQ+314',
        recipients: [{ notify: ['success', 'delay'], orcpt: 'rfc822;Far+away@ext.test' }, {}],
      },
    })
  })

  it('sends what is for somebody here by the queue when word of its delivery is wanted, else straight in', async () => {
    const client = await signedIn()
    expect(await send(client, '', '<bob@our.test> NOTIFY=SUCCESS')).toMatch(/^250/)
    expect(queue.enqueued.map(({ recipients }) => recipients)).toEqual([['bob@our.test']])
    expect(delivery.delivered).toHaveLength(0)
    expect(await send(client, '', '<bob@our.test> NOTIFY=NEVER')).toMatch(/^250/)
    expect(delivery.delivered).toHaveLength(1)
  })

  it.each([
    ['a line break in ENVID', 'ENVID=a+0D+0ABcc:x', '<far@ext.test>'],
    ['a line break in ORCPT', '', '<far@ext.test> ORCPT=rfc822;x+0D+0AHeader:y'],
    ['a word nobody knows', '', '<far@ext.test> NOTIFY=ALWAYS'],
    ['never, and more', '', '<far@ext.test> NOTIFY=NEVER,FAILURE'],
    ['an ENVID without end', `ENVID=${'a'.repeat(101)}`, '<far@ext.test>'],
  ])('refuses %s', async (_, mail, rcpt) => {
    expect(await send(await signedIn(), mail, rcpt)).toMatch(/^501/)
    expect(queue.enqueued).toHaveLength(0)
  })
})

describe('REQUIRETLS (RFC 8689)', () => {
  it('is offered under TLS and goes with the message', async () => {
    const client = await signedIn()
    expect(client.features).toContain('REQUIRETLS')
    expect(await send(client, 'REQUIRETLS', '<far@ext.test>')).toMatch(/^250/)
    expect(queue.enqueued[0]?.wishes?.requireTls).toBe(true)
    const open = await smtpClient(doors.ports.startTls)
    clients.push(open)
    expect(await open.command('EHLO x.test')).not.toContain('REQUIRETLS')
  })
})

describe('FUTURERELEASE (RFC 4865)', () => {
  it('holds a message back, for people here as well', async () => {
    const client = await signedIn()
    expect(client.features).toMatch(/FUTURERELEASE 2592000 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/)
    const before = Date.now()
    expect(await send(client, 'HOLDFOR=3600', '<bob@our.test>', '<far@ext.test>')).toMatch(/^250/)
    expect(delivery.delivered).toHaveLength(0)
    expect(queue.enqueued[0]?.recipients).toEqual(['bob@our.test', 'far@ext.test'])
    const at = queue.enqueued[0]?.wishes?.notBefore?.getTime() ?? 0
    expect(at).toBeGreaterThanOrEqual(before + 3_600_000)
    expect(at).toBeLessThan(before + 3_700_000)
    const until = new Date(Date.now() + 86_400_000).toISOString()
    expect(await send(client, `HOLDUNTIL=${until}`, '<far@ext.test>')).toMatch(/^250/)
    expect(queue.enqueued[1]?.wishes?.notBefore?.toISOString()).toBe(until)
  })

  it.each([
    'HOLDFOR=0',
    'HOLDFOR=99999999',
    'HOLDFOR=x',
    'HOLDUNTIL=2020-01-01T00:00:00Z',
    'HOLDUNTIL=soon',
    'HOLDFOR=5 HOLDUNTIL=2099-01-01T00:00:00Z',
  ])('refuses %s', async (mail) => {
    expect(await send(await signedIn(), mail, '<far@ext.test>')).toMatch(/^501 5\.5\.4/)
  })
})

describe('a group at submission', () => {
  it('takes mail of whom it is for', async () => {
    const alice = directory.accounts.get('alice@our.test')?.mailbox
    const far = fakeMailbox()
    directory.add('open@our.test', { group: { posting: 'anyone', mailboxes: [far] } })
    directory.add('theirs@our.test', { group: { posting: 'tenant', mailboxes: [far] } })
    directory.add('club@our.test', { group: { posting: 'members', mailboxes: [far] } })
    directory.add('mine@our.test', { group: { posting: 'members', mailboxes: alice ? [alice, far] : [] } })
    const client = await signedIn()
    expect(await send(client, '', '<theirs@our.test>')).toMatch(/^550 5\.7\.1/)
    await client.command('RSET')
    expect(await send(client, '', '<club@our.test>')).toMatch(/^550 5\.7\.1/)
    await client.command('RSET')
    expect(await send(client, '', '<open@our.test>', '<mine@our.test>')).toMatch(/^250/)
    expect(delivery.delivered[0]?.mailboxes.map(({ accountId }) => accountId)).toEqual([
      far.accountId,
      alice?.accountId,
    ])
  })
})

describe('a session that wastes time (S-03, S-05)', () => {
  it('ends at BDAT, whose bytes are never read as commands', async () => {
    const client = await signedIn()
    await client.command('MAIL FROM:<alice@our.test>')
    await client.command('RCPT TO:<bob@our.test>')
    client.write('BDAT 60 LAST\r\nMAIL FROM:<alice@our.test>\r\nRCPT TO:<bob@our.test>\r\nDATA\r\nx\r\n.\r\n')
    expect(await client.reply()).toMatch(/^502/)
    expect(await client.reply()).toBe('')
    expect(delivery.delivered).toHaveLength(0)
  })

  it('ends after two hundred commands that bring nothing, and not while messages come', async () => {
    const client = await signedIn()
    for (let i = 0; i < 150; i++) await client.command('NOOP')
    expect(await send(client, '', '<bob@our.test>')).toMatch(/^250/)
    for (let i = 0; i < 150; i++) expect(await client.command('RSET')).toMatch(/^250/)
    const replies: string[] = []
    for (let i = 0; i < 100; i++) replies.push(await client.command('NOOP'))
    expect(replies.find((text) => text.startsWith('421'))).toMatch(/^421 4\.7\.0/)
    expect(replies.at(-1)).toBe('')
  })

  it('ends after ten commands that nobody knows', async () => {
    const client = await signedIn()
    const replies: string[] = []
    for (let i = 0; i < 12; i++) replies.push(await client.command(`XYZZY${i}`))
    expect(replies.some((text) => text.startsWith('421'))).toBe(true)
  })
})
