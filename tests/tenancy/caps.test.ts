import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Fault } from '#lib/errors'
import { createAccount } from '#server/services/account/create'
import { terminateAccount } from '#server/services/account/terminate'
import { addDomain } from '#server/services/domain/add'
import { resellerStatistics } from '#server/services/reseller/statistics'
import { createTenant } from '#server/services/tenant/create'
import { updateTenantSettings } from '#server/services/tenant/update'
import { createWorld, faultOf, PASSWORD, type World } from '#tests/helpers/world'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

const outcome = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return 'made'
  } catch (error) {
    return error instanceof Fault ? error.code : 'other'
  }
}
const tally = (results: readonly string[]) => {
  const counts: Record<string, number> = {}
  for (const result of results) counts[result] = (counts[result] ?? 0) + 1
  return counts
}

describe('caps', () => {
  it('hold for a tenant while 100 accounts are made at once', async () => {
    const { tenant, domain, reseller } = await world.makeHouse({ seats: 7 })
    const creations = Array.from({ length: 100 }, (_, i) =>
      outcome(
        createAccount(world.ctx, reseller.actor, {
          tenantId: tenant.id,
          address: `p${i}@${domain}`,
          password: PASSWORD,
        }),
      ),
    )
    expect(tally(await Promise.all(creations))).toEqual({ made: 7, LIMIT: 93 })
  }, 120_000)

  it('hold for a reseller whose tenants draw from one pool at once', async () => {
    const reseller = await world.makeReseller({ seats: 5 })
    const tenants = await Promise.all([1, 2].map(() => world.makeTenant({ resellerId: reseller.id })))
    const domains = await Promise.all(tenants.map((tenant) => world.makeDomain(tenant.id)))
    const creations = Array.from({ length: 20 }, (_, i) => {
      const at = i % 2
      const input = {
        tenantId: tenants[at]?.id ?? ('' as never),
        address: `p${i}@${domains[at]?.name}`,
        password: PASSWORD,
      }
      return outcome(createAccount(world.ctx, reseller.actor, input))
    })
    expect(tally(await Promise.all(creations))).toEqual({ made: 5, LIMIT: 15 })
    const { seats } = await resellerStatistics(world.ctx, reseller.actor, { resellerId: reseller.id })
    expect(seats).toEqual({ cap: 5, claimed: 5, used: 5, free: 0 })
  }, 60_000)

  it('let only as many reserved seats be given out as there are, also at once', async () => {
    const reseller = await world.makeReseller({ seats: 10 })
    const creations = Array.from({ length: 6 }, (_, i) =>
      outcome(
        createTenant(world.ctx, reseller.actor, {
          resellerId: reseller.id,
          name: `T${i}`,
          region: 'eu' as never,
          seats: 3,
        }),
      ),
    )
    expect(tally(await Promise.all(creations))).toEqual({ made: 3, LIMIT: 3 })
  })

  it('say the numbers when they refuse', async () => {
    const reseller = await world.makeReseller({ seats: 10 })
    const tenant = await world.makeTenant({ resellerId: reseller.id, seats: 8 })
    const refused = await faultOf(world.makeTenant({ resellerId: reseller.id, seats: 3 }))
    expect(refused).toMatchObject({ code: 'LIMIT', field: 'seats' })
    expect(refused.message).toBe('The reseller has 2 of 10 seats free; 3 were asked for.')
    const raised = await faultOf(updateTenantSettings(world.ctx, reseller.actor, { tenantId: tenant.id, seats: 11 }))
    expect(raised.message).toBe('The reseller has 10 of 10 seats free; 11 were asked for.')
    await updateTenantSettings(world.ctx, reseller.actor, { tenantId: tenant.id, seats: 10 })
    const { name } = await world.makeDomain(tenant.id)
    await world.makeAccount(tenant, { address: `one@${name}` })
    const lowered = await faultOf(updateTenantSettings(world.ctx, reseller.actor, { tenantId: tenant.id, seats: 0 }))
    expect(lowered.message).toBe('1 seats are in use; the cap cannot be 0.')
  })

  it('give 1,000 seats where none are named, and a seat back when an account ends', async () => {
    const { tenant, reseller, domain } = await world.makeHouse()
    const before = await resellerStatistics(world.ctx, reseller.actor, { resellerId: reseller.id })
    expect(before.seats).toEqual({ cap: 1000, claimed: 0, used: 0, free: 1000 })
    const account = await world.makeAccount(tenant, { address: `short@${domain}` })
    await terminateAccount(world.ctx, account.actor, { ...account, now: true })
    const after = await resellerStatistics(world.ctx, reseller.actor, { resellerId: reseller.id })
    expect(after.seats.free).toBe(1000)
  })

  it('hold for domains at once', async () => {
    const reseller = await world.makeReseller({ domains: 4 })
    const tenant = await world.makeTenant({ resellerId: reseller.id, domains: 3 })
    const other = await world.makeTenant({ resellerId: reseller.id })
    const add = (tenantId: typeof tenant.id, i: number) =>
      outcome(addDomain(world.ctx, reseller.actor, { tenantId, name: `cap${i}-${tenantId.slice(-6)}.example` }))
    expect(tally(await Promise.all(Array.from({ length: 10 }, (_, i) => add(tenant.id, i))))).toEqual({
      made: 3,
      LIMIT: 7,
    })
    expect(tally(await Promise.all(Array.from({ length: 4 }, (_, i) => add(other.id, i))))).toEqual({
      made: 1,
      LIMIT: 3,
    })
  })

  const GB = 1024 ** 3
  it('hold for storage that tenants set aside at once', async () => {
    const reseller = await world.makeReseller({ storageBytes: 50 * GB })
    const region = 'eu' as never
    const creations = Array.from({ length: 20 }, (_, i) =>
      outcome(
        createTenant(world.ctx, reseller.actor, {
          resellerId: reseller.id,
          name: `T${i}`,
          region,
          storageBytes: 8 * GB,
        }),
      ),
    )
    expect(tally(await Promise.all(creations))).toEqual({ made: 6, LIMIT: 14 })
    const { storage } = await resellerStatistics(world.ctx, reseller.actor, { resellerId: reseller.id })
    expect(storage).toMatchObject({ capBytes: 50 * GB, claimedBytes: 48 * GB })
    const refused = await faultOf(world.makeTenant({ resellerId: reseller.id, storageBytes: 3 * GB }))
    expect(refused.message).toBe('The reseller has 2 GB of 50 GB storage free; 3 GB were asked for.')
  }, 60_000)

  it.each([
    ['of its own', { tenant: 12 * GB, reseller: 100 * GB }],
    ['of its reseller', { tenant: undefined, reseller: 12 * GB }],
  ])(
    'hold for the quotas of accounts under a storage cap %s at once',
    async (_, caps) => {
      const reseller = await world.makeReseller({ storageBytes: caps.reseller })
      const tenant = await world.makeTenant({ resellerId: reseller.id, storageBytes: caps.tenant })
      const { name } = await world.makeDomain(tenant.id)
      const make = (i: number) => {
        const address = `q${i}@${name}`
        const input = { tenantId: tenant.id, address, password: PASSWORD, quotaBytes: 5 * GB }
        return createAccount(world.ctx, reseller.actor, input)
      }
      const results = await Promise.all(Array.from({ length: 20 }, (_, i) => outcome(make(i))))
      expect(tally(results)).toEqual({ made: 2, LIMIT: 18 })
      const whose = caps.tenant ? 'This organisation' : 'The reseller'
      expect((await faultOf(make(99))).message).toBe(
        `${whose} has 2 GB of 12 GB storage free; the account was to have 5 GB.`,
      )
    },
    60_000,
  )

  it('let a storage cap neither fall below what is given nor rise above what is free', async () => {
    const reseller = await world.makeReseller({ storageBytes: 20 * GB })
    const tenant = await world.makeTenant({ resellerId: reseller.id, storageBytes: 10 * GB })
    const { name } = await world.makeDomain(tenant.id)
    await world.makeAccount(tenant, { address: `one@${name}` })
    const set = (storageBytes: number | null) =>
      updateTenantSettings(world.ctx, reseller.actor, { tenantId: tenant.id, storageBytes })
    expect((await faultOf(set(4 * GB))).message).toBe('5 GB of storage are given to accounts; the cap cannot be 4 GB.')
    expect((await faultOf(set(21 * GB))).message).toBe(
      'The reseller has 20 GB of 20 GB storage free; 21 GB were asked for.',
    )
    await set(20 * GB)
    await set(null)
    const { storage } = await resellerStatistics(world.ctx, reseller.actor, { resellerId: reseller.id })
    expect(storage.claimedBytes).toBe(5 * GB)
  })

  it('let one of many have an address', async () => {
    const { tenant, domain, reseller } = await world.makeHouse()
    const creations = Array.from({ length: 10 }, () =>
      outcome(
        createAccount(world.ctx, reseller.actor, {
          tenantId: tenant.id,
          address: `Same@${domain}`,
          password: PASSWORD,
        }),
      ),
    )
    expect(tally(await Promise.all(creations))).toEqual({ made: 1, CONFLICT: 9 })
  })
})
