import { afterAll, beforeAll, expect, it } from 'vitest'
import { deleteFreeze, insertFreeze } from '#db/control/queries/send-count'
import { HOUR_MS } from '#lib/clock'
import { createWorld, type TestAccount, type World } from '#tests/helpers/world'
import { tellFreezes } from './tell-freezes'

let world: World
let admin: TestAccount
let member: TestAccount
beforeAll(async () => {
  world = await createWorld()
  const { tenant, domain } = await world.makeHouse()
  admin = await world.makeAccount(tenant, { address: `ada@${domain}`, role: 'admin' })
  member = await world.makeAccount(tenant, { address: `mel@${domain}` })
})
afterAll(() => world.close())

async function inbox(of: TestAccount): Promise<string[]> {
  const store = await world.core.open(of)
  try {
    const folder = await store.folder('INBOX')
    const texts: string[] = []
    for await (const { raw } of store.bodies(folder.id, (await store.view(folder.id)).uids)) texts.push(raw.toString())
    return texts
  } finally {
    store.close()
  }
}

const freeze = (cause: 'rate' | 'bounces' | 'person') =>
  world.db.control.withSystem('tenant sweep', (tx) =>
    insertFreeze(tx, {
      scopeId: member.accountId,
      kind: 'account',
      tenantId: member.tenantId,
      cause,
      frozenAt: world.clock.now(),
    }),
  )

it('tells every admin once which account is stopped, why, and what to do; a freeze by a person is told to nobody', async () => {
  await freeze('person')
  expect(await tellFreezes.run(world.ctx)).toBe(0)
  await world.db.control.withTenant(member.tenantId, (tx) =>
    deleteFreeze(tx, { tenantId: member.tenantId, scopeId: member.accountId }),
  )
  await freeze('rate')
  await tellFreezes.run(world.ctx)
  await tellFreezes.run(world.ctx)
  const told = await inbox(admin)
  expect(told).toHaveLength(1)
  expect(told[0]).toContain(`Subject: Sending is stopped for ${member.address}`)
  expect(told[0]).toContain('more people outside')
  expect(told[0]).toContain('Auto-Submitted: auto-generated')
  expect(await inbox(member)).toEqual([])
  world.clock.advance(21 * HOUR_MS)
  expect(await tellFreezes.run(world.ctx)).toBe(0)
})
