import { expect, it } from 'vitest'
import { type AccountId, newId, type QueueId, type RegionId, type TenantId } from '#lib/ids'
import { silentLog } from '#lib/log'
import type { Leased } from '#mailcore/ports'
import { fakeDelivery, fakeDirectory } from '#tests/helpers/fakes'
import { tellSender } from './bounce'

const leased = (more: Partial<Leased>): Leased => ({
  id: newId<QueueId>(),
  position: 0,
  region: 'eu' as RegionId,
  tenantId: newId<TenantId>(),
  accountId: newId<AccountId>(),
  sender: 'friend@our.test',
  recipient: 'secret-reader@far.example',
  raw: Buffer.from('From: friend@our.test\r\nSubject: hi\r\n\r\nbody\r\n'),
  smtpUtf8: false,
  queuedAt: new Date(),
  attempts: 1,
  token: 1n,
  origin: 'account',
  traceId: null,
  wishes: {},
  failure: null,
  ...more,
})

async function reportOf(one: Leased): Promise<string> {
  const directory = fakeDirectory()
  directory.add('friend@our.test')
  const delivery = fakeDelivery()
  const failure = { code: 550, enhanced: '5.1.1', remoteText: 'secret-reader@far.example unknown', at: new Date() }
  await tellSender(one, failure, { directory, delivery, hostname: 'mx.our.test', log: silentLog })
  return delivery.delivered[0]?.raw.toString() ?? ''
}

it('tells who wrote it which recipient failed and what was said', async () => {
  const report = await reportOf(leased({}))
  expect(report).toContain('secret-reader@far.example')
  expect(report).toContain('unknown')
})

it('names the address that was written to where its owner had the mail sent on, and neither where it went nor what was said there', async () => {
  const wishes = { recipients: [{ orcpt: 'rfc822;owner@our.test' }] }
  const report = await reportOf(leased({ origin: 'automatic', wishes }))
  expect(report).toContain('owner@our.test')
  expect(report).not.toContain('secret-reader')
})
