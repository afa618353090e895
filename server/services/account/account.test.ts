import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '#server/services'
import { createAccount } from '#server/services/account/create'
import { resetPassword } from '#server/services/account/reset-password'
import { listAccountAudit } from '#server/services/audit/list-for-account'
import { createAppPassword } from '#server/services/credential/create-app-password'
import { createWorld, faultOf, PASSWORD, type TestAccount, type TestTenant, type World } from '#tests/helpers/world'

let world: World
let house: Awaited<ReturnType<World['makeHouse']>>
let tenant: TestTenant
let admin: TestAccount
let anna: TestAccount

beforeAll(async () => {
  world = await createWorld()
  house = await world.makeHouse()
  tenant = house.tenant
  admin = await world.makeAccount(tenant, { address: `admin@${house.domain}`, role: 'admin' })
  anna = await world.makeAccount(tenant, { address: `anna@${house.domain}` })
})
afterAll(() => world.close())

const targetOf = ({ tenantId, accountId }: TestAccount) => ({ tenantId, accountId })

describe('a stolen session of a domain admin', () => {
  it('does not become the account: one’s own password is not reset without the present one', async () => {
    const work = resetPassword(world.ctx, admin.actor, {
      ...targetOf(admin),
      password: 'silver-Meadow-19-lake',
      reason: 'mine',
    })
    expect((await faultOf(work)).code).toBe('FORBIDDEN')
    const peer = '192.0.2.1'
    const login = { username: admin.address, password: PASSWORD, protocol: 'web' as const, peer }
    expect((await world.core.directory.signIn(login)).ok).toBe(true)
  })
})

describe('an address with +', () => {
  it('makes no account, so that nobody takes the mail of the mailbox before it', async () => {
    const work = createAccount(world.ctx, admin.actor, {
      tenantId: tenant.id,
      address: `anna+bank@${house.domain}`,
      password: PASSWORD,
    })
    expect(await faultOf(work)).toMatchObject({ code: 'BAD_REQUEST', field: 'address' })
  })
})

describe('the ledger of an account', () => {
  it('shows the names an owner gave to the owner alone', async () => {
    for (const owner of [anna, admin]) {
      await createAppPassword(world.ctx, owner.actor, { ...targetOf(owner), label: 'secret project' })
      const shown = async (actor: Actor) =>
        (await listAccountAudit(world.ctx, actor, targetOf(owner))).items.flatMap((item) => item.names)
      expect(await shown(owner.actor)).toContain('secret project')
      expect(await shown(house.reseller.actor)).not.toContain('secret project')
    }
    const seen = await listAccountAudit(world.ctx, admin.actor, targetOf(anna))
    expect(seen.items.flatMap((item) => item.names)).not.toContain('secret project')
  })
})
