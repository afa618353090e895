import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS } from '#lib/clock'
import { newId, type TraceId } from '#lib/ids'
import { silentLog } from '#lib/log'
import { createKeyService } from '#mailcore/keys/service'
import type { TraceStep } from '#mailcore/ports'
import { keepLogKeys } from '#server/jobs/keep-log-keys'
import { createWorld, type TestAccount, type World } from '#tests/helpers/world'
import { createTraceReader } from './reader'
import { createReceiptReader, createReceipts } from './receipts'
import { redact } from './redact'
import { createTrace, dayOf } from './trace'

let world: World
let alice: TestAccount
let bob: TestAccount
let stranger: TestAccount
beforeAll(async () => {
  world = await createWorld()
  const house = await world.makeHouse()
  alice = await world.makeAccount(house.tenant, { address: `alice@${house.domain}` })
  bob = await world.makeAccount(house.tenant, { address: `bob@${house.domain}` })
  const other = await world.makeHouse()
  stranger = await world.makeAccount(other.tenant, { address: `eve@${other.domain}` })
  await keepLogKeys.run(world.ctx)
})
afterAll(() => world.close())

const place = (of: TestAccount) => ({ tenantId: of.tenantId, region: of.region })
const stepOf = (of: TestAccount, more: Partial<TraceStep> = {}): TraceStep => ({
  ...place(of),
  traceId: newId<TraceId>(),
  accountId: of.accountId,
  direction: 'in',
  step: 'stored',
  at: world.clock.now(),
  detail: { sender: 'canary-sender@ext.test', recipients: [of.address], text: 'canary text' },
  ...more,
})
const open = () => createTrace({ db: world.db, clock: world.clock, log: silentLog })
const keys = () => createKeyService(world.db, world.kms)
const reader = () => createTraceReader({ db: world.db, keys: keys() })

describe('the trace', () => {
  it('is written sealed, and read back in its order by the tenant it belongs to', async () => {
    const trace = open()
    const traceId = newId<TraceId>()
    trace.note(stepOf(alice, { traceId, step: 'queued', direction: 'out' }))
    trace.note(
      stepOf(alice, { traceId, step: 'settled', direction: 'out', at: new Date(world.clock.now().getTime() + 5) }),
    )
    trace.note(stepOf(bob))
    trace.note(stepOf(stranger))
    await trace.stop()
    const { ways } = await reader().find(place(alice), { accountId: alice.accountId, limit: 10 })
    expect(ways.map((way) => way.steps.map(({ step }) => step))).toEqual([['queued', 'settled']])
    expect(ways[0]?.steps[0]?.detail.sender).toBe('canary-sender@ext.test')
    expect((await reader().find(place(alice), { limit: 10 })).ways).toHaveLength(2)
    expect((await reader().find(place(alice), { traceId, limit: 10 })).ways).toHaveLength(1)
    // The other tenant's reader finds nothing under the same name.
    expect((await reader().find(place(stranger), { traceId, limit: 10 })).ways).toEqual([])
  })

  it('goes on by pages, each message once', async () => {
    const trace = open()
    const from = world.clock.now()
    for (let i = 0; i < 5; i++) trace.note(stepOf(bob, { at: new Date(from.getTime() + 1_000 + i) }))
    await trace.stop()
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await reader().find(place(bob), {
        accountId: bob.accountId,
        from: new Date(from.getTime() + 1_000),
        limit: 2,
        ...(cursor ? { cursor } : {}),
      })
      seen.push(...page.ways.map((way) => way.traceId))
      cursor = page.next ?? undefined
    } while (cursor)
    expect(new Set(seen).size).toBe(5)
    expect(seen).toHaveLength(5)
  })

  it('waits for the key of its day and loses nothing meanwhile', async () => {
    const trace = open()
    const at = new Date(world.clock.now().getTime() + 3 * DAY_MS)
    trace.note(stepOf(alice, { at, traceId: newId<TraceId>() }))
    await trace.flush()
    world.clock.advance(3 * DAY_MS)
    await keepLogKeys.run(world.ctx)
    await trace.stop()
    const days: unknown[] = []
    for await (const lines of reader().readDay(place(alice), dayOf(at))) days.push(...lines)
    expect(days).toHaveLength(1)
  })

  it('cannot be read on day 30, and its lines are gone from the tables', async () => {
    const trace = open()
    trace.note(stepOf(alice))
    await trace.stop()
    const day = dayOf(world.clock.now())
    world.clock.advance(29 * DAY_MS)
    await keepLogKeys.run(world.ctx)
    expect((await reader().find(place(alice), { accountId: alice.accountId, limit: 10 })).ways).not.toHaveLength(0)
    world.clock.advance(2 * DAY_MS)
    await keepLogKeys.run(world.ctx)
    await expect(keys().logPair(day)).rejects.toThrow()
    expect((await reader().find(place(alice), { limit: 10 })).ways).toEqual([])
    const left = await world.db.mail(alice.region).withTenant(alice.tenantId, (tx) => tx`select 1 from trace`)
    expect(left).toHaveLength(0)
  })
})

describe('what each may see', () => {
  const step = {
    step: 'attempt' as const,
    at: new Date(0),
    direction: 'out' as const,
    accountId: null,
    detail: {
      sender: 'alice@our.test',
      recipients: ['secret.person@ext.test'],
      text: '550 secret.person@ext.test unknown',
      messageId: 'x@our.test',
      host: 'mx.ext.test',
      code: 550,
      findings: [{ check: 'dkim', result: 'pass', about: 'ext.test' }],
    },
  }
  it('an admin all of it, a reseller domains, an operator hosts and codes', () => {
    expect(redact(step, { kind: 'admin' })).toEqual(step)
    const reseller = JSON.stringify(redact(step, { kind: 'reseller' }))
    expect(reseller).toContain('@ext.test')
    expect(reseller).not.toMatch(/secret|alice|unknown/)
    const operator = JSON.stringify(redact(step, { kind: 'operator' }))
    expect(operator).toContain('mx.ext.test')
    expect(operator).toContain('550')
    expect(operator).not.toMatch(/secret|alice|our\.test|"about"/)
  })
})

describe('privacy receipts', () => {
  it('are kept under the account key and found by the Message-ID', async () => {
    const receipts = createReceipts({ db: world.db, lookupKey: world.lookupKey, log: silentLog })
    const of = {
      ...place(alice),
      accountId: alice.accountId,
      traceId: newId<TraceId>(),
      messageId: 'm1@our.test',
      at: world.clock.now(),
    }
    await receipts.add(of, {
      kind: 'submitted',
      header: 'From: alice\r\n',
      removed: ['x-mailer'],
      local: [],
      remote: ['canary@ext.test'],
    })
    const read = createReceiptReader({ db: world.db, keys: keys(), lookupKey: world.lookupKey })
    const seen = await read.ofMessage({ ...place(alice), accountId: alice.accountId }, '<m1@our.test>')
    expect(seen.map(({ part }) => part.kind)).toEqual(['submitted'])
    expect(await read.ofMessage({ ...place(bob), accountId: bob.accountId }, 'm1@our.test')).toEqual([])
    const raw = await world.db
      .mail(alice.region)
      .withTenant(alice.tenantId, (tx) => tx<{ sealed: Buffer }[]>`select sealed from receipt`)
    expect(raw[0]?.sealed.includes('canary')).toBe(false)
  })
})
