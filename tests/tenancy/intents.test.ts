import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { MINUTE_MS } from '#lib/clock'
import { runJobsOnce } from '#server/jobs/run'
import { SYSTEM } from '#server/services'
import { listAccounts } from '#server/services/account/list'
import { terminateAccount } from '#server/services/account/terminate'
import { listAccountAudit } from '#server/services/audit/list-for-account'
import { createReseller } from '#server/services/reseller/create'
import { listResellers } from '#server/services/reseller/list'
import { fsck } from '#server/services/system/fsck'
import { createWorld, faultOf, type World } from '#tests/helpers/world'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())

/** The worker's next look, after the process that began the intent has had its minute. */
const later = async () => {
  world.clock.advance(2 * MINUTE_MS)
  const named = await fsck(world.ctx, SYSTEM)
  const done = await runJobsOnce(world.ctx)
  return { named: named.problems.map((problem) => problem.kind), done: done['sweep-intents'] }
}
const crash = () => Promise.reject(new Error('the process dies here'))

describe('an act that dies half way', () => {
  it('is named by fsck, and an erasure is finished by the worker', async () => {
    const { tenant, domain } = await world.makeHouse()
    const account = await world.makeAccount(tenant, { address: `gone@${domain}` })
    const erase = vi.spyOn(world.core, 'eraseMailbox').mockImplementationOnce(crash)
    await expect(terminateAccount(world.ctx, SYSTEM, { ...account, reason: 'over', now: true })).rejects.toThrow()
    erase.mockRestore()
    const { named, done } = await later()
    expect(named).toContain('unfinished intent')
    expect(done).toBe(1)
    expect((await fsck(world.ctx, SYSTEM)).problems).toEqual([])
    expect((await world.core.usage(tenant.id, tenant.region)).has(account.accountId)).toBe(false)
  })

  it('an account that never came to life is taken back, with seat and address', async () => {
    const { tenant, domain } = await world.makeHouse({ seats: 1 })
    const address = `half@${domain}`
    const provision = vi.spyOn(world.core, 'provisionMailbox').mockImplementationOnce(crash)
    await expect(world.makeAccount(tenant, { address })).rejects.toThrow()
    provision.mockRestore()
    expect((await faultOf(world.makeAccount(tenant, { address }))).code).toBe('LIMIT')
    expect((await later()).done).toBe(1)
    const again = await world.makeAccount(tenant, { address })
    const people = await listAccounts(world.ctx, SYSTEM, { tenantId: tenant.id })
    expect(people.items.map((person) => person.accountId)).toEqual([again.accountId])
    const { items } = await listAccountAudit(world.ctx, again.actor, again)
    expect(items.map((item) => [item.action, item.outcome])).toEqual([
      ['account.create', 'completed'],
      ['account.create', 'intent'],
    ])
  })

  it('a tenant is completed, a reseller without its name is given up', async () => {
    const { id: resellerId } = await world.makeReseller()
    const keys = vi.spyOn(world.core.keys, 'createTenant').mockImplementationOnce(crash)
    await expect(world.makeTenant({ resellerId, name: 'Half' })).rejects.toThrow()
    keys.mockRestore()
    const reseller = vi.spyOn(world.core.keys, 'createReseller').mockImplementationOnce(crash)
    await expect(createReseller(world.ctx, SYSTEM, { name: 'Never' })).rejects.toThrow()
    reseller.mockRestore()
    expect((await later()).done).toBe(2)
    const { items } = await listResellers(world.ctx, SYSTEM, { limit: 200 })
    expect(items.map((item) => item.name)).not.toContain('Never')
    expect(items.find((item) => item.id === resellerId)?.tenants).toBe(1)
    expect((await fsck(world.ctx, SYSTEM)).problems).toEqual([])
  })
})
