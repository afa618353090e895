import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '#lib/clock'
import { silentLog } from '#lib/log'
import { startDeliver } from '#mailcore/deliver/worker'
import type { Delivery, Leased, Queue } from '#mailcore/ports'
import { createQueue } from '#mailcore/queue/queue'
import { createDelivery } from '#mailcore/store/delivery'
import { fakeResolver } from '#tests/helpers/fakes'
import { createWorld, type TestAccount, type World } from '#tests/helpers/world'

let world: World
let alice: TestAccount
let queue: Queue
beforeAll(async () => {
  world = await createWorld()
  const { tenant, domain } = await world.makeHouse()
  alice = await world.makeAccount(tenant, { address: `alice@${domain}` })
  queue = createQueue({ db: world.db, keys: world.core.keys, log: silentLog })
})
afterAll(() => world.close())
beforeEach(async () => {
  expect(await queue.depth()).toBe(0)
})

const LEASE_MS = 60_000
const enqueue = (recipients: string[], sender = alice.address) =>
  queue.enqueue({ ...alice, sender, recipients, raw: Buffer.from('Subject: hi\r\n\r\nbody\r\n'), smtpUtf8: false })
const claimOne = async (leaseMs = LEASE_MS): Promise<Leased> => {
  const [leased] = await queue.claim(1, leaseMs)
  if (!leased) throw new Error('nothing was due')
  return leased
}
const failure = {
  code: 550,
  enhanced: '5.1.1',
  remoteText: '550 no bob@ext.test here',
  at: new Date(1_700_000_000_000),
}

const bounces = async (): Promise<string[]> => {
  const store = await world.core.stores.open(alice)
  try {
    const inbox = await store.folder('INBOX')
    const { messages } = await store.list(inbox.id)
    const found: string[] = []
    for await (const { raw } of store.fetch(
      inbox.id,
      messages.map(({ uid }) => uid),
      { body: true },
    ))
      found.push(raw?.toString() ?? '')
    return found
  } finally {
    store.close()
  }
}

const worker = (delivery: Delivery) =>
  startDeliver({
    queue,
    delivery,
    directory: world.core.directory,
    resolver: fakeResolver(),
    clock: systemClock,
    log: silentLog,
    hostname: 'mx.our.test',
    concurrency: 4,
  })

describe('a recipient that failed for good', () => {
  it('stays, with its reason sealed, until its sender has been told', async () => {
    await enqueue(['bob@ext.test'])
    expect(await queue.settle(await claimOne(0), { kind: 'failed', failure })).toBe(true)
    const rows = await world.db
      .mail(alice.region)
      .withQueue((tx) => tx<{ failure: Buffer }[]>`select failure_sealed failure from outbound_recipient`)
    expect(rows[0]?.failure.toString('latin1')).not.toContain('bob')
    const again = await claimOne()
    expect(again.failure).toEqual(failure)
    expect(await queue.settle(again, { kind: 'told' })).toBe(true)
    expect(await queue.depth()).toBe(0)
  })

  it('goes at once when there is no sender to tell', async () => {
    await enqueue(['bob@ext.test'], '')
    expect(await queue.settle(await claimOne(), { kind: 'failed', failure })).toBe(true)
    expect(await queue.depth()).toBe(0)
  })

  it('gives its sender a bounce although the worker died between the record and the bounce, and one only', async () => {
    await enqueue(['bob@nowhere.test'])
    // The first worker records the failure and dies before the bounce is stored.
    expect(await queue.settle(await claimOne(0), { kind: 'failed', failure })).toBe(true)
    const second = await worker(createDelivery({ db: world.db, log: silentLog }))
    await expect.poll(() => queue.depth()).toBe(0)
    await second.stop()
    const found = await bounces()
    expect(found).toHaveLength(1)
    expect(found[0]).toContain('Final-Recipient: rfc822; bob@nowhere.test')
  })

  it('repeats the same report when the worker dies after the bounce was stored', async () => {
    const before = (await bounces()).length
    await enqueue(['bob@nowhere.test'])
    await queue.settle(await claimOne(0), { kind: 'failed', failure })
    const dying = await claimOne(0)
    const real = createDelivery({ db: world.db, log: silentLog })
    const { tellSender } = await import('#mailcore/deliver/bounce')
    const parts = { directory: world.core.directory, delivery: real, hostname: 'mx.our.test', log: silentLog }
    expect(await tellSender(dying, dying.failure ?? failure, parts)).toBe('told')
    const second = await worker(real)
    await expect.poll(() => queue.depth()).toBe(0)
    await second.stop()
    const [one, two] = (await bounces()).slice(before)
    expect(two).toBe(one)
    expect(await queue.settle(dying, { kind: 'told' })).toBe(false)
  })
})

describe('a lease', () => {
  it('is held by renewing it, and fenced off once it has passed on', async () => {
    await enqueue(['bob@ext.test'])
    const first = await claimOne(0)
    expect(await queue.renew(first, LEASE_MS)).toBe(true)
    expect(await queue.claim(1, LEASE_MS)).toEqual([])
    expect(await queue.renew(first, 0)).toBe(true)
    const second = await claimOne()
    expect(second.token).toBeGreaterThan(first.token)
    expect(await queue.renew(first, LEASE_MS)).toBe(false)
    expect(await queue.settle(first, { kind: 'failed', failure })).toBe(false)
    expect(await queue.settle(first, { kind: 'delivered' })).toBe(false)
    expect(await queue.settle(second, { kind: 'delivered' })).toBe(true)
  })
})
