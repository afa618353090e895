import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { upsertMailPolicy } from '#db/control/queries/mail-policy'
import { insertSenderRule, type RuleScope, scopeColumns } from '#db/control/queries/sender-rule'
import { deleteStaleAttempts } from '#db/mail/queries/greylist'
import { DAY_MS, MINUTE_MS } from '#lib/clock'
import { newId, type RuleId } from '#lib/ids'
import { INITIAL_MAIL_POLICY } from '#lib/mail-policy'
import type { SenderRules } from '#mailcore/ports/protection'
import { parseSenderPattern } from '#mailcore/proto/sender-pattern'
import { createWorld, type TestAccount, type World } from '#tests/helpers/world'
import { createSenderRules, patternHash } from './rules'

let world: World
let house: Awaited<ReturnType<World['makeHouse']>>
let other: Awaited<ReturnType<World['makeHouse']>>
let ann: TestAccount
let bob: TestAccount
let rules: SenderRules
beforeAll(async () => {
  world = await createWorld()
  house = await world.makeHouse()
  other = await world.makeHouse()
  ann = await world.makeAccount(house.tenant, { address: `ann@${house.domain}` })
  bob = await world.makeAccount(house.tenant, { address: `bob@${house.domain}` })
})
afterAll(() => world.close())
beforeEach(() => {
  rules = fresh()
})

/** As another process would have it: remembers nothing. */
const fresh = () => createSenderRules({ db: world.db, lookupKey: world.lookupKey, clock: world.clock })

async function add(scope: RuleScope, action: 'allow' | 'block', typed: string): Promise<void> {
  const row = {
    ...scopeColumns(scope),
    id: newId<RuleId>(),
    action,
    patternHash: patternHash(world.lookupKey, parseSenderPattern(typed)?.text ?? ''),
    patternSealed: Buffer.from('sealed'),
  }
  const { control } = world.db
  if (scope.level === 'operator') await control.withSystem('operator desk', (tx) => insertSenderRule(tx, row))
  else if (scope.level === 'reseller') await control.withReseller(scope.resellerId, (tx) => insertSenderRule(tx, row))
  else await control.withTenant(scope.tenantId, (tx) => insertSenderRule(tx, row))
}

const mail = (address: string, peer = '198.51.100.7') => [
  { kind: 'network' as const, address: peer },
  { kind: 'address' as const, address },
]
const found = async (of: TestAccount[], address: string, peer?: string, asked = rules) =>
  (
    await asked.matching(
      { tenantId: of[0]?.tenantId ?? ann.tenantId, accountIds: of.map((one) => one.accountId) },
      mail(address, peer),
    )
  )
    .map(({ accountId, level, action, trait }) =>
      [level, action, trait, accountId === null ? '' : accountId === ann.accountId ? 'ann' : 'bob'].join(' '),
    )
    .sort()

describe('sender rules', () => {
  it('are found at each level, for whom they hold and nobody else', async () => {
    expect(await found([ann, bob], 'x@spam.example')).toEqual([])
    await add({ level: 'account', tenantId: ann.tenantId, accountId: ann.accountId }, 'allow', 'x@spam.example')
    await add({ level: 'tenant', tenantId: house.tenant.id }, 'block', '.spam.example')
    await add({ level: 'reseller', resellerId: house.reseller.id }, 'block', 'spam.example')
    await add({ level: 'operator' }, 'block', '198.51.100.0/24')
    rules = fresh()
    expect(await found([ann, bob], 'x@spam.example')).toEqual([
      '0 allow 1 ann',
      '1 block 1 ',
      '2 block 1 ',
      '3 block 0 ',
    ])
    expect(await found([bob], 'x@spam.example')).toEqual(['1 block 1 ', '2 block 1 ', '3 block 0 '])
    expect(await found([bob], 'y@sub.spam.example', '203.0.113.1')).toEqual(['1 block 1 '])
    expect(await found([bob], 'y@elsewhere.example', '203.0.113.1')).toEqual([])
    const stranger = await world.makeAccount(other.tenant, { address: `s@${other.domain}` })
    expect(await found([stranger], 'x@spam.example')).toEqual(['3 block 0 '])
  })

  it('count two seconds after they were made, and are asked for together', async () => {
    const tenant = house.tenant.id
    expect(await found([bob], 'late@late.example')).toEqual(['3 block 0 '])
    await add({ level: 'tenant', tenantId: tenant }, 'block', 'late.example')
    expect(await found([bob], 'late@late.example')).toEqual(['3 block 0 '])
    world.clock.advance(2_001)
    expect(await found([bob], 'late@late.example')).toEqual(['1 block 1 ', '3 block 0 '])
    const many = await Promise.all(Array.from({ length: 50 }, (_, n) => found([bob], `n${n}@late.example`)))
    expect(new Set(many.map(String))).toEqual(new Set(['1 block 1 ,3 block 0 ']))
  })
})

describe('a policy', () => {
  it('is that of the tenant, or what holds until it chooses', async () => {
    expect(await rules.policy(house.tenant.id)).toEqual(INITIAL_MAIL_POLICY)
    const chosen = {
      spam: 'quarantine',
      junkScoreTenths: 50,
      rejectScoreTenths: 90,
      greylist: 'all',
      dmarc: 'note',
    } as const
    await world.db.control.withTenant(house.tenant.id, (tx) => upsertMailPolicy(tx, house.tenant.id, chosen))
    expect(await fresh().policy(house.tenant.id)).toEqual(chosen)
    expect(await fresh().policy(other.tenant.id)).toEqual(INITIAL_MAIL_POLICY)
  })
})

describe('greylisting', () => {
  const attempt = (sender: string, peer = '192.0.2.1') => ({
    tenantId: ann.tenantId,
    region: ann.region,
    peer,
    sender,
    recipient: ann.address,
  })

  it('asks a new sender to come again after five minutes, from the same network, and lets it in from then on', async () => {
    expect(await rules.greylisted(attempt('a@new.example'))).toBe(true)
    world.clock.advance(4 * MINUTE_MS)
    expect(await rules.greylisted(attempt('a@new.example'))).toBe(true)
    world.clock.advance(MINUTE_MS + 1)
    expect(await rules.greylisted(attempt('a@new.example', '203.0.113.9'))).toBe(true)
    expect(await rules.greylisted(attempt('a@new.example', '192.0.2.200'))).toBe(false)
    world.clock.advance(35 * DAY_MS)
    expect(await fresh().greylisted(attempt('a@new.example'))).toBe(false)
    world.clock.advance(37 * DAY_MS)
    expect(await fresh().greylisted(attempt('a@new.example'))).toBe(true)
  })

  it('answers many at once, each for itself, and forgets what is stale', async () => {
    const senders = Array.from({ length: 20 }, (_, n) => `s${n}@many.example`)
    const ask = (asked: SenderRules) => Promise.all(senders.map((sender) => asked.greylisted(attempt(sender))))
    expect(await rules.greylisted(attempt('s0@many.example'))).toBe(true)
    world.clock.advance(6 * MINUTE_MS)
    expect(await ask(rules)).toEqual([false, ...Array<boolean>(19).fill(true)])
    const before = world.clock.now()
    const stale = await world.db
      .mail(ann.region)
      .withTenant(ann.tenantId, (tx) => deleteStaleAttempts(tx, new Date(before.getTime() + 1_000)))
    expect(stale).toBeGreaterThanOrEqual(20)
    world.clock.advance(6 * MINUTE_MS)
    expect((await ask(fresh())).slice(1)).toEqual(Array<boolean>(19).fill(true))
  })
})
