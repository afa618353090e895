import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '#lib/clock'
import type { Running } from '#lib/lifecycle'
import { silentLog } from '#lib/log'
import {
  type FakeDelivery,
  type FakeDirectory,
  type FakeQueue,
  fakeDelivery,
  fakeDirectory,
  fakeQueue,
  overQuota,
} from '#tests/helpers/fakes'
import { type SmtpClient, smtpClient, testCertificate } from '#tests/helpers/smtp-client'
import { type LmtpOptions, startLmtp } from './lmtp'

const tls = testCertificate()
let directory: FakeDirectory
let delivery: FakeDelivery
let queue: FakeQueue
let door: Running & { port: number }
const clients: SmtpClient[] = []

beforeEach(async () => {
  directory = fakeDirectory()
  directory.add('bob@our.test')
  directory.add('carol@our.test')
  directory.add('dmarc-reports@our.test', { reports: true })
  delivery = fakeDelivery()
  queue = fakeQueue()
  door = await start()
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await door.stop()
})

const start = (more: Partial<LmtpOptions> = {}) =>
  startLmtp({
    host: '127.0.0.1',
    port: 0,
    hostname: 'mx.our.test',
    tls,
    from: ['127.0.0.1'],
    directory,
    delivery,
    queue,
    lookupKey: Buffer.alloc(32, 7),
    clock: systemClock,
    log: silentLog,
    ...more,
  })

async function atData(...to: string[]): Promise<SmtpClient> {
  const client = await smtpClient(door.port)
  clients.push(client)
  expect(await client.command('LHLO filter.our.test')).toMatch(/^250/)
  await client.command('MAIL FROM:<a@ext.test>')
  for (const address of to) expect(await client.command(`RCPT TO:<${address}>`)).toMatch(/^250/)
  expect(await client.command('DATA')).toMatch(/^354/)
  return client
}

describe('LMTP (RFC 2033)', () => {
  it('says of parameters that it does not offer that it does not (RFC 5321 4.1.1.11)', async () => {
    const client = await smtpClient(door.port)
    clients.push(client)
    await client.command('LHLO filter.our.test')
    expect(await client.command('MAIL FROM:<a@ext.test> REQUIRETLS')).toMatch(/^555 5\.5\.4/)
    expect(await client.command('MAIL FROM:<a@ext.test> SIZE=100 BODY=8BITMIME')).toMatch(/^250/)
    expect(await client.command('RCPT TO:<bob@our.test> NOTIFY=SUCCESS')).toMatch(/^555 5\.5\.4/)
    expect(await client.command('RCPT TO:<bob@our.test>')).toMatch(/^250/)
  })

  it('answers for each recipient by itself', async () => {
    const full = directory.accounts.get('carol@our.test')?.mailbox.accountId
    delivery.refusing = (message) =>
      message.mailboxes.some(({ accountId }) => accountId === full) ? overQuota() : null
    const client = await atData('bob@our.test', 'carol@our.test')
    client.write('Message-ID: <1@x>\r\n\r\nhello\r\n.\r\n')
    expect(await client.reply()).toMatch(/^250 2/)
    expect(await client.reply()).toMatch(/^452 4\.2\.2/)
    expect(delivery.delivered).toHaveLength(1)
    const raw = delivery.delivered[0]?.raw.toString() ?? ''
    expect(raw).toMatch(/^Return-Path: <a@ext\.test>\r\nReceived: by mx\.our\.test with LMTP id /)
    expect(raw).not.toContain('filter.our.test')
  })

  it('knows neither HELO nor mail for other hosts, and takes what is handed over into the queue', async () => {
    const client = await smtpClient(door.port)
    clients.push(client)
    expect(await client.command('EHLO x.test')).toMatch(/^5/)
    await client.command('LHLO x.test')
    await client.command('MAIL FROM:<>')
    expect(await client.command('RCPT TO:<v@ext.test>')).toMatch(/^550 5\.7\.1/)
    expect(await client.command('RCPT TO:<nobody@our.test>')).toMatch(/^550 5\.1\.1/)
    expect(await client.command('RCPT TO:<dmarc-reports@our.test>')).toMatch(/^250/)
    await client.command('DATA')
    client.write('x\r\n.\r\n')
    expect(await client.reply()).toMatch(/^250/)
    expect(queue.enqueued.map(({ recipients }) => recipients)).toEqual([['dmarc-reports@our.test']])
  })

  it('refuses bare line breaks for every recipient', async () => {
    const client = await atData('bob@our.test', 'carol@our.test')
    client.write('a\nb\r\n.\r\n')
    expect(await client.reply()).toMatch(/^550 5\.6\.11/)
    expect(await client.reply()).toMatch(/^550 5\.6\.11/)
    expect(delivery.delivered).toHaveLength(0)
  })

  it('is shut to every address that is not named', async () => {
    await door.stop()
    door = await start({ from: ['192.0.2.7'] })
    const client = await smtpClient(door.port)
    clients.push(client)
    expect(client.greeting).toMatch(/^554 5\.7\.1/)
  })
})
