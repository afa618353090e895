import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId, type TraceId } from '#lib/ids'
import { silentLog } from '#lib/log'
import type { Leased, Outgoing, Queue } from '#mailcore/ports'
import { createQueue } from '#mailcore/queue/queue'
import { createWorld, type TestAccount, type World } from '#tests/helpers/world'
import { createDestinations } from './destinations'

let world: World
let alice: TestAccount
let queue: Queue
beforeAll(async () => {
  world = await createWorld()
  const { tenant, domain } = await world.makeHouse()
  alice = await world.makeAccount(tenant, { address: `alice@${domain}` })
  queue = createQueue({ db: world.db, keys: world.core.keys, lookupKey: world.lookupKey, log: silentLog })
})
afterAll(() => world.close())
beforeEach(async () => {
  for (const leased of await all()) await queue.settle(leased, { kind: 'delivered' })
})

const all = () => queue.claim(1_000, 0)
const enqueue = (recipients: string[], more: Partial<Outgoing> = {}) =>
  queue.enqueue({
    ...alice,
    sender: alice.address,
    recipients,
    raw: Buffer.from('Subject: hi\r\n\r\nbody\r\n'),
    smtpUtf8: false,
    ...more,
  })
const failure = { code: 550, enhanced: '5.1.1', remoteText: '550 5.1.1 no', at: new Date() }

describe('what is queued', () => {
  it('comes back as it was asked for, its bytes once for all recipients of a claim', async () => {
    const traceId = newId<TraceId>()
    const wishes = {
      ret: 'full',
      envid: 'e+1',
      requireTls: true,
      recipients: [{ notify: ['success'] }, { orcpt: 'rfc822;x@y.test' }],
    } as const
    await enqueue(['a@ext.test', 'b@ext.test'], { origin: 'automatic', traceId, wishes })
    const [one, two] = (await all()).sort((a, b) => a.position - b.position)
    expect(one).toMatchObject({ origin: 'automatic', traceId, wishes, recipient: 'a@ext.test', position: 0 })
    expect(two?.raw).toBe(one?.raw)
    expect(two?.destination).toBe(one?.destination)
  })

  it('is queued once under one key, also when it has left, by twins at the same time, and again a day later', async () => {
    const onceKey = Buffer.alloc(16, 7)
    await Promise.all([1, 2, 3].map(() => enqueue(['a@ext.test'], { onceKey })))
    const [one, ...more] = await all()
    expect([one?.recipient, more]).toEqual(['a@ext.test', []])
    if (one) await queue.settle(one, { kind: 'delivered' })
    await enqueue(['a@ext.test'], { onceKey })
    expect(await all()).toEqual([])
    await Promise.all([
      enqueue(['b@ext.test'], { onceKey: Buffer.alloc(16, 8) }),
      enqueue(['a@ext.test'], { onceKey }),
      enqueue(['c@ext.test']),
    ])
    expect((await all()).map(({ recipient }) => recipient).sort()).toEqual(['b@ext.test', 'c@ext.test'])
    const mail = world.db.mail(alice.region)
    await mail.withDelivery((tx) => tx`update accepted set accepted_at = now() - interval '25 hours'`)
    await enqueue(['d@ext.test'], { onceKey })
    expect((await all()).map(({ recipient }) => recipient)).toContain('d@ext.test')
  })

  it('waits for its hour (RFC 4865), and has its five days from then', async () => {
    const notBefore = new Date(Date.now() + 3_600_000)
    await enqueue(['a@ext.test'], { wishes: { notBefore } })
    expect(await all()).toEqual([])
    const [row] = await world.db
      .mail(alice.region)
      .withQueue(
        (tx) => tx<{ due: Date; expires: Date }[]>`select due_at due, expires_at expires from outbound_recipient`,
      )
    expect(row?.due).toEqual(notBefore)
    expect(row?.expires.getTime()).toBe(notBefore.getTime() + 5 * 86_400_000)
    await world.db.mail(alice.region).withQueue((tx) => tx`delete from outbound where true`)
  })
})

describe('what is sent under one key', () => {
  it('reaches its own sender as well as people elsewhere, and neither of them twice', async () => {
    const raw = Buffer.from(`From: ${alice.address}\r\nMessage-ID: <self@x.test>\r\nSubject: to me too\r\n\r\nx\r\n`)
    const store = await world.core.open(alice)
    const inbox = (await store.folder('INBOX')).id
    const before = (await store.view(inbox)).uids.length
    for (let i = 0; i < 2; i++)
      await world.core.send(alice, { raw, sender: alice.address, recipients: [alice.address, 'friend@ext.test'] })
    expect((await all()).map(({ recipient }) => recipient)).toEqual(['friend@ext.test'])
    expect((await store.view(inbox)).uids).toHaveLength(before + 1)
    store.close()
  })
})

describe('settling many at once', () => {
  it('writes each outcome, and tells those whose lease has passed on', async () => {
    await enqueue(['a@one.test', 'b@two.test', 'c@three.test', 'd@four.test'])
    const stale = await queue.claim(1, 0)
    const leased = await all()
    const of = (name: string): Leased => {
      const found = leased.find(({ recipient }) => recipient.startsWith(name))
      if (!found) throw new Error(`no ${name}`)
      return found
    }
    const retryAt = new Date(Date.now() + 60_000)
    const [old] = stale
    if (!old) throw new Error('nothing was claimed')
    expect(
      await Promise.all([
        queue.settle(of('a'), { kind: 'delivered' }),
        queue.settle(of('b'), { kind: 'deferred', code: 450, enhanced: '4.2.0', retryAt, delayTold: true }),
        queue.settle(of('c'), { kind: 'failed', failure }),
        queue.settle(old, { kind: 'delivered' }),
        queue.renew(of('d'), 0),
      ]),
    ).toEqual([true, true, true, false, true])
    const rows = await world.db.mail(alice.region).withQueue(
      (tx) => tx<{ position: number; code: number; told: boolean }[]>`select position, last_code code, delay_told told
        from outbound_recipient order by position`,
    )
    expect(rows).toEqual([
      { position: 1, code: 450, told: true },
      { position: 2, code: 550, told: false },
      { position: 3, code: null, told: false },
    ])
    // A deferral ends the lease.
    expect(await queue.settle(of('b'), { kind: 'delivered' })).toBe(false)
    await world.db.mail(alice.region).withQueue((tx) => tx`delete from outbound where true`)
  })
})

describe('a destination', () => {
  it('that is paused is left out until it answers, and one that is busy too', async () => {
    const destinations = createDestinations({ db: world.db, lookupKey: world.lookupKey })
    await enqueue(['a@down.test'])
    const until = await destinations.failed('down.test')
    expect(until.getTime()).toBeGreaterThan(Date.now() + 30_000)
    expect(await all()).toEqual([])
    await destinations.answered('down.test')
    await enqueue(['b@down.test'])
    const [one] = await all()
    expect(one?.recipient).toBe('b@down.test')
    expect(await queue.claim(10, 0, [one?.destination ?? ''])).toEqual([])
    await world.db.mail(alice.region).withQueue((tx) => tx`delete from outbound where true`)
  })

  it('is paused for longer each time, and once for those that failed together', async () => {
    const destinations = createDestinations({ db: world.db, lookupKey: world.lookupKey })
    const [first, second] = await Promise.all([destinations.failed('slow.test'), destinations.failed('slow.test')])
    expect(second).toEqual(first)
    await world.db.mail(alice.region).withQueue((tx) => tx`update destination set paused_until = now()`)
    const third = await destinations.failed('slow.test')
    expect(third.getTime() - Date.now()).toBeGreaterThan(90_000)
  })

  it('keeps its policy sealed', async () => {
    const destinations = createDestinations({ db: world.db, lookupKey: world.lookupKey })
    const policy = { id: 'a1', mode: 'enforce', mx: ['mx.kept.test'], maxAgeS: 86_400 } as const
    await destinations.keepPolicy('kept.test', policy, new Date(Date.now() + 60_000))
    expect((await destinations.policy('kept.test'))?.policy).toEqual(policy)
    const rows = await world.db
      .mail(alice.region)
      .withQueue(
        (tx) => tx<{ sealed: Buffer }[]>`select policy_sealed sealed from destination where policy_sealed is not null`,
      )
    expect(rows[0]?.sealed.toString('latin1')).not.toContain('kept.test')
  })
})

describe('an address that is not there', () => {
  it('is not tried again for a week, by this tenant', async () => {
    await enqueue(['gone@ext.test'])
    const [one] = await all()
    if (!one) throw new Error('nothing was claimed')
    expect(one.suppressed).toBeUndefined()
    await queue.settle(one, { kind: 'failed', failure, suppress: 'unknown' })
    await queue.settle(one, { kind: 'told' })
    await enqueue(['gone@ext.test'])
    expect((await all())[0]?.suppressed).toMatchObject({ cause: 'unknown' })
    const other = await world.makeHouse()
    const bob = await world.makeAccount(other.tenant, { address: `bob@${other.domain}` })
    await enqueue(['gone@ext.test'], { ...bob, sender: bob.address })
    const [two] = (await all()).filter(({ tenantId }) => tenantId === bob.tenantId)
    expect(two?.suppressed).toBeUndefined()
  })
})
