import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '#db/client'
import type { RuleScope } from '#db/control/queries/sender-rule'
import { newId, type RuleId } from '#lib/ids'
import { INITIAL_MAIL_POLICY } from '#lib/mail-policy'
import { createSenderRules } from '#mailcore/directory/rules'
import type { Actor } from '#server/services'
import { listTenantAudit } from '#server/services/audit/list-for-tenant'
import { getMailPolicy } from '#server/services/mail-policy/get'
import { setMailPolicy } from '#server/services/mail-policy/set'
import { deleteQuarantine } from '#server/services/quarantine/delete'
import { listQuarantine } from '#server/services/quarantine/list'
import { quarantineOverview } from '#server/services/quarantine/overview'
import { releaseQuarantine } from '#server/services/quarantine/release'
import { addSenderRule } from '#server/services/sender-rule/add'
import { listSenderRules } from '#server/services/sender-rule/list'
import { removeSenderRule } from '#server/services/sender-rule/remove'
import { createWorld, faultOf, type TestAccount, type World } from '#tests/helpers/world'

let world: World
let house: Awaited<ReturnType<World['makeHouse']>>
let other: Awaited<ReturnType<World['makeHouse']>>
let operator: Actor
let admin: TestAccount
let foreignAdmin: TestAccount
let owner: TestAccount
let levels: { scope: RuleScope; actor: Actor }[]
beforeAll(async () => {
  world = await createWorld()
  house = await world.makeHouse()
  other = await world.makeHouse()
  operator = await world.makeOperator()
  admin = await world.makeAccount(house.tenant, { address: `admin@${house.domain}`, role: 'admin' })
  foreignAdmin = await world.makeAccount(other.tenant, { address: `admin@${other.domain}`, role: 'admin' })
  owner = await world.makeAccount(house.tenant, { address: `owner@${house.domain}` })
  levels = [
    { scope: { level: 'operator' }, actor: operator },
    { scope: { level: 'reseller', resellerId: house.reseller.id }, actor: house.reseller.actor },
    { scope: { level: 'tenant', tenantId: house.tenant.id }, actor: admin.actor },
    { scope: { level: 'account', tenantId: owner.tenantId, accountId: owner.accountId }, actor: owner.actor },
  ]
})
afterAll(() => world.close())

async function allRefused(acts: Promise<unknown>[]): Promise<void> {
  for (const { code } of await Promise.all(acts.map(faultOf))) expect(['NOT_FOUND', 'FORBIDDEN']).toContain(code)
}

describe('sender rules', () => {
  it('are added, found by the checks, listed and removed at each level, and kept sealed', async () => {
    for (const { scope, actor } of levels) {
      const pattern = ` ${scope.level}@Bad.Example `
      const { id } = await addSenderRule(world.ctx, actor, { scope, action: 'block', pattern })
      const rules = createSenderRules({ db: world.db, lookupKey: world.lookupKey, clock: world.clock })
      const trait = { kind: 'address' as const, address: `${scope.level}@bad.example` }
      const who = { tenantId: owner.tenantId, accountIds: [owner.accountId] }
      expect(await rules.matching(who, [trait])).toMatchObject([{ action: 'block' }])
      expect(await listSenderRules(world.ctx, actor, { scope })).toMatchObject([
        { id, action: 'block', pattern: `${scope.level}@bad.example` },
      ])
      const again = addSenderRule(world.ctx, actor, { scope, action: 'allow', pattern })
      expect(await faultOf(again)).toMatchObject({ code: 'CONFLICT', field: 'pattern' })
    }
    const sql = connect(`${world.adminUrls.main.replace(/\/[^/?]*(\?|$)/, `/${world.prefix}_control$1`)}`, {
      max: 1,
      name: 'look',
    })
    const rows = await sql`select r::text from sender_rule r`.finally(() => sql.end())
    expect(rows).toHaveLength(4)
    expect(JSON.stringify(rows)).not.toContain(Buffer.from('bad.example').toString('hex'))
    for (const { scope, actor } of levels) {
      const [rule] = await listSenderRules(world.ctx, actor, { scope })
      const ruleId = rule?.id ?? newId<RuleId>()
      await removeSenderRule(world.ctx, actor, { scope, ruleId })
      expect(await faultOf(removeSenderRule(world.ctx, actor, { scope, ruleId }))).toMatchObject({ code: 'NOT_FOUND' })
    }
    const { items } = await listTenantAudit(world.ctx, admin.actor, { tenantId: house.tenant.id })
    expect(items.map(({ action }) => action)).toContain('sender-rule.add')
    expect(JSON.stringify(items)).not.toContain('bad.example')
  })

  it('what names nothing is refused, in the field', async () => {
    const { scope, actor } = levels[3] ?? { scope: { level: 'operator' }, actor: operator }
    for (const pattern of ['', 'com', '0.0.0.0/0', 'a@b@c'])
      expect(await faultOf(addSenderRule(world.ctx, actor, { scope, action: 'block', pattern }))).toMatchObject({
        code: 'BAD_REQUEST',
        field: 'pattern',
      })
  })

  it('are seen and changed by nobody of another level, tenant or reseller', async () => {
    const people = [operator, house.reseller.actor, other.reseller.actor, admin.actor, foreignAdmin.actor, owner.actor]
    for (const { scope, actor } of levels) {
      const { id } = await addSenderRule(world.ctx, actor, { scope, action: 'allow', pattern: 'friend.example' })
      for (const person of people) {
        if (person === actor) continue
        const acts = [
          listSenderRules(world.ctx, person, { scope }),
          addSenderRule(world.ctx, person, { scope, action: 'block', pattern: 'x.example' }),
          removeSenderRule(world.ctx, person, { scope, ruleId: id }),
        ]
        await allRefused(acts)
      }
      expect(await listSenderRules(world.ctx, actor, { scope })).toHaveLength(1)
      // By one's own level, the id of another's rule is the id of nothing.
      for (const one of levels)
        if (one.scope !== scope)
          expect((await faultOf(removeSenderRule(world.ctx, one.actor, { scope: one.scope, ruleId: id }))).code).toBe(
            'NOT_FOUND',
          )
    }
  })
})

describe('the mail policy', () => {
  const tenantId = () => ({ tenantId: house.tenant.id })
  it('is read and set by the domain admin, on the record, and by nobody else', async () => {
    expect(await getMailPolicy(world.ctx, admin.actor, tenantId())).toEqual(INITIAL_MAIL_POLICY)
    const chosen = { ...INITIAL_MAIL_POLICY, spam: 'quarantine', greylist: 'suspicious', junkScoreTenths: 45 } as const
    await setMailPolicy(world.ctx, admin.actor, { ...tenantId(), ...chosen })
    expect(await getMailPolicy(world.ctx, admin.actor, tenantId())).toEqual(chosen)
    const { items } = await listTenantAudit(world.ctx, admin.actor, tenantId())
    expect(items[0]).toMatchObject({
      action: 'mail-policy.set',
      facts: { spam: 'quarantine', spamBefore: 'junk', junkScoreTenths: 45 },
    })
    for (const actor of [operator, house.reseller.actor, other.reseller.actor, foreignAdmin.actor, owner.actor]) {
      await allRefused([
        getMailPolicy(world.ctx, actor, tenantId()),
        setMailPolicy(world.ctx, actor, { ...tenantId(), ...chosen }),
      ])
    }
  })

  it('refuses points that make no sense', async () => {
    const set = (junkScoreTenths: number, rejectScoreTenths: number) =>
      faultOf(
        setMailPolicy(world.ctx, admin.actor, {
          ...tenantId(),
          ...INITIAL_MAIL_POLICY,
          junkScoreTenths,
          rejectScoreTenths,
        }),
      )
    expect(await set(9, 150)).toMatchObject({ code: 'BAD_REQUEST', field: 'junkScoreTenths' })
    expect(await set(60, 60)).toMatchObject({ code: 'BAD_REQUEST', field: 'rejectScoreTenths' })
    expect(await set(60, 1_001)).toMatchObject({ code: 'BAD_REQUEST', field: 'rejectScoreTenths' })
  })
})

describe('quarantine', () => {
  it('is opened by its owner only; the admin sees counts', async () => {
    const mine = { tenantId: owner.tenantId, accountId: owner.accountId }
    expect(await listQuarantine(world.ctx, owner.actor, mine)).toEqual([])
    expect(await releaseQuarantine(world.ctx, owner.actor, { ...mine, uids: [1] })).toEqual({ released: 0 })
    expect(await deleteQuarantine(world.ctx, owner.actor, { ...mine, uids: [1] })).toEqual({ deleted: 0 })
    expect(await quarantineOverview(world.ctx, admin.actor, { tenantId: house.tenant.id })).toEqual([])
    for (const actor of [operator, house.reseller.actor, admin.actor, foreignAdmin.actor]) {
      const acts = [
        listQuarantine(world.ctx, actor, mine),
        releaseQuarantine(world.ctx, actor, { ...mine, uids: [1] }),
        deleteQuarantine(world.ctx, actor, { ...mine, uids: [1] }),
      ]
      await allRefused(acts)
    }
    for (const actor of [owner.actor, foreignAdmin.actor, other.reseller.actor])
      expect(['NOT_FOUND', 'FORBIDDEN']).toContain(
        (await faultOf(quarantineOverview(world.ctx, actor, { tenantId: house.tenant.id }))).code,
      )
  })
})
