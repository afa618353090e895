import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Fault } from '#lib/errors'
import { type AccountId, newId, type TenantId } from '#lib/ids'
import {
  type AccountAct,
  actTable,
  authoriseAccount,
  authoriseHouse,
  authoriseReseller,
  authoriseTenant,
  type HouseAct,
  type ResellerAct,
  type TenantAct,
} from '#server/access'
import { type Actor, SYSTEM } from '#server/services'
import { createWorld, faultOf, type TestAccount, type TestTenant, type World } from '#tests/helpers/world'

let world: World
let house: { tenant: TestTenant; domain: string; reseller: { id: TestTenant['resellerId']; actor: Actor } }
let admin: TestAccount
let anna: TestAccount
let others: { tenant: TestTenant; account: TestAccount; admin: TestAccount; resellerActor: Actor }
let operator: Actor

beforeAll(async () => {
  world = await createWorld()
  operator = await world.makeOperator()
  house = await world.makeHouse()
  admin = await world.makeAccount(house.tenant, { address: `admin@${house.domain}`, role: 'admin' })
  anna = await world.makeAccount(house.tenant, { address: `anna@${house.domain}` })
  const far = await world.makeHouse({ region: 'ca' })
  const account = await world.makeAccount(far.tenant, { address: `far@${far.domain}` })
  const farAdmin = await world.makeAccount(far.tenant, { address: `boss@${far.domain}`, role: 'admin' })
  others = { tenant: far.tenant, account, admin: farAdmin, resellerActor: far.reseller.actor }
})
afterAll(() => world.close())

const answer = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return 'allowed'
  } catch (error) {
    if (error instanceof Fault) return error.code
    throw error
  }
}
const acts = <A extends string>(on: string) =>
  Object.entries(actTable)
    .filter(([, rule]) => rule.on === on)
    .map(([act]) => act as A)
const may = (act: string, who: string) =>
  (actTable as Record<string, { who: readonly string[] }>)[act]?.who.includes(who) ?? false

describe('acts on an account', () => {
  const ask = (actor: Actor, act: AccountAct, target: { tenantId: TenantId; accountId: AccountId }) =>
    answer(authoriseAccount(world.ctx, actor, act, target))

  it.each(acts<AccountAct>('account'))('%s: who may, who may not, and another tenant’s', async (act) => {
    const expected = (who: string) => (may(act, who) ? 'allowed' : 'FORBIDDEN')
    expect(await ask(operator, act, anna)).toBe(expected('operator'))
    expect(await ask(SYSTEM, act, anna)).toBe(expected('operator'))
    expect(await ask(house.reseller.actor, act, anna)).toBe(expected('reseller'))
    expect(await ask(admin.actor, act, anna)).toBe(expected('domain-admin'))
    expect(await ask(anna.actor, act, anna)).toBe(expected('owner'))
    // Not theirs, and absent, answer alike.
    for (const stranger of [others.resellerActor, others.admin.actor, others.account.actor]) {
      expect(await ask(stranger, act, anna)).toBe('NOT_FOUND')
      expect(await ask(stranger, act, { tenantId: anna.tenantId, accountId: newId<AccountId>() })).toBe('NOT_FOUND')
    }
    expect(await ask(anna.actor, act, admin)).toBe('NOT_FOUND')
    // An account of another tenant under the name of one's own.
    expect(await ask(admin.actor, act, { tenantId: admin.tenantId, accountId: others.account.accountId })).toBe(
      'NOT_FOUND',
    )
    expect(await ask(admin.actor, act, { tenantId: "x'" as TenantId, accountId: anna.accountId })).toBe('NOT_FOUND')
  })
})

describe('acts on a tenant', () => {
  it.each(acts<TenantAct>('tenant'))('%s', async (act) => {
    const ask = (actor: Actor, tenantId: TenantId) => answer(authoriseTenant(world.ctx, actor, act, tenantId))
    const { id } = house.tenant
    const expected = (who: string) => (may(act, who) ? 'allowed' : 'FORBIDDEN')
    expect(await ask(operator, id)).toBe(expected('operator'))
    expect(await ask(house.reseller.actor, id)).toBe(expected('reseller'))
    expect(await ask(admin.actor, id)).toBe(expected('domain-admin'))
    expect(await ask(anna.actor, id)).toBe('NOT_FOUND')
    for (const stranger of [others.resellerActor, others.admin.actor, others.account.actor]) {
      expect(await ask(stranger, id)).toBe('NOT_FOUND')
      expect(await ask(stranger, newId<TenantId>())).toBe('NOT_FOUND')
    }
  })
})

describe('acts on a reseller and on the house', () => {
  it.each(acts<ResellerAct>('reseller'))('%s', async (act) => {
    const ask = (actor: Actor) => answer(authoriseReseller(world.ctx, actor, act, house.reseller.id))
    expect(await ask(operator)).toBe(may(act, 'operator') ? 'allowed' : 'FORBIDDEN')
    expect(await ask(house.reseller.actor)).toBe(may(act, 'reseller') ? 'allowed' : 'FORBIDDEN')
    for (const stranger of [others.resellerActor, admin.actor, anna.actor])
      expect(await ask(stranger)).toBe('NOT_FOUND')
  })

  it.each(acts<HouseAct>('house'))('%s', async (act) => {
    const ask = async (actor: Actor) => answer((async () => authoriseHouse(actor, act))())
    const everyone = act === 'region.list'
    expect(await ask(operator)).toBe('allowed')
    for (const other of [house.reseller.actor, admin.actor, anna.actor])
      expect(await ask(other)).toBe(everyone ? 'allowed' : 'FORBIDDEN')
  })
})

describe('a domain', () => {
  it('verified by one tenant cannot be verified by another, and unverified ones block nobody', async () => {
    const { addDomain } = await import('#server/services/domain/add')
    const { verifyDomain } = await import('#server/services/domain/verify')
    const name = 'contested.example'
    const mine = await addDomain(world.ctx, admin.actor, { tenantId: house.tenant.id, name })
    const theirs = await addDomain(world.ctx, others.admin.actor, { tenantId: others.tenant.id, name })
    const proof = async () => [theirs.proof.text]
    const at = { tenantId: house.tenant.id, domainId: mine.id }
    expect((await faultOf(verifyDomain(world.ctx, admin.actor, { ...at, txt: proof }))).code).toBe('BAD_REQUEST')
    expect((await faultOf(verifyDomain(world.ctx, admin.actor, { ...at, verified: true }))).code).toBe('FORBIDDEN')
    await verifyDomain(world.ctx, others.admin.actor, { tenantId: others.tenant.id, domainId: theirs.id, txt: proof })
    const late = verifyDomain(world.ctx, admin.actor, { ...at, txt: async () => [mine.proof.text] })
    expect((await faultOf(late)).code).toBe('CONFLICT')
    const account = world.makeAccount(house.tenant, { address: `me@${name}` })
    expect(await faultOf(account)).toMatchObject({ code: 'BAD_REQUEST', field: 'address' })
  })
})
