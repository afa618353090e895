import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { insertGroup } from '#db/control/queries/address-group'
import { insertAddress } from '#db/control/queries/directory'
import { selectDomain } from '#db/control/queries/domain'
import { DAY_MS } from '#lib/clock'
import type { Fault } from '#lib/errors'
import { type GroupId, newId } from '#lib/ids'
import { pause } from '#lib/lifecycle'
import { LIMITS } from '#lib/limits'
import type { Resolution } from '#mailcore/ports'
import { makeSrs } from '#mailcore/proto/srs'
import { terminateAccount } from '#server/services/account/terminate'
import { createAlias, removeAlias } from '#server/services/address/alias'
import { setCatchAll } from '#server/services/address/catch-all'
import { claimable } from '#server/services/address/claim'
import { changeGroup, createGroup, removeGroup } from '#server/services/address/group'
import { addMembers, removeMember } from '#server/services/address/member'
import { getGroup, listAddresses } from '#server/services/address/read'
import { removeDomain } from '#server/services/domain/remove'
import { changeMasked, createMasked, listOwnAddresses, removeMasked } from '#server/services/own-address/masked'
import { createWorld, type TestAccount, type TestTenant, type World } from '#tests/helpers/world'

let world: World
let tenant: TestTenant
let domain: string
let admin: TestAccount
let ann: TestAccount
let ben: TestAccount
let strangeAdmin: TestAccount
beforeAll(async () => {
  world = await createWorld()
  const house = await world.makeHouse()
  tenant = house.tenant
  domain = house.domain
  admin = await world.makeAccount(tenant, { address: `admin@${domain}`, role: 'admin' })
  ann = await world.makeAccount(tenant, { address: `ann@${domain}` })
  ben = await world.makeAccount(tenant, { address: `ben@${domain}` })
  const other = await world.makeHouse()
  strangeAdmin = await world.makeAccount(other.tenant, { address: `admin@${other.domain}`, role: 'admin' })
})
afterAll(() => world.close())

const at = (local: string) => `${local}@${domain}`
const resolve = async (address: string): Promise<Resolution> => {
  // A process that has not heard yet may remember a mailbox for two seconds.
  const [found] = await world.secondCore().directory.resolve([address])
  return found ?? { kind: 'unknown' }
}
const holder = async (address: string) => {
  const found = await resolve(address)
  return found.kind === 'mailbox' ? found.mailbox.accountId : found.kind
}
const own = (of: TestAccount) => ({ tenantId: of.tenantId, accountId: of.accountId })
const group = (local: string, kind: 'group' | 'list' = 'group') => ({
  tenantId: tenant.id,
  kind,
  address: at(local),
  name: 'Team',
  description: '',
  posting: 'tenant' as const,
})

describe('a domain', () => {
  it('is not removed under an address that is being given at the same moment', async () => {
    const { tenant: house, domain: name } = await world.makeHouse()
    const operator = await world.makeOperator()
    const found = await world.db.control.withTenant(house.id, (tx) => selectDomain(tx, { tenantId: house.id, name }))
    if (!found) throw new Error('no domain')
    const addressHash = world.core.addressHash(`late@${name}`) ?? Buffer.alloc(0)
    let removal: Promise<unknown> = Promise.resolve()
    await world.db.control.withTenant(house.id, async (tx) => {
      const domainId = await claimable(tx, { tenantId: house.id, domain: name, addressHash })
      removal = removeDomain(world.ctx, operator, { tenantId: house.id, domainId }).then(
        () => 'removed',
        (error: Fault) => error.code,
      )
      await Promise.race([removal, pause(300)])
      const groupId = newId<GroupId>()
      await insertGroup(tx, {
        tenantId: house.id,
        id: groupId,
        domainId,
        kind: 'group',
        posting: 'anyone',
        sealed: Buffer.from('x'),
      })
      await insertAddress(tx, { addressHash, tenantId: house.id, domainId, groupId, kind: 'group' })
    })
    expect(await removal).toBe('CONFLICT')
  })
})

describe('aliases', () => {
  it('lead to their account, with and without subaddress, may be written from, and go without a trace', async () => {
    await createAlias(world.ctx, admin.actor, { ...own(ann), address: `Info@${domain.toUpperCase()}` })
    expect(await holder(at('info'))).toBe(ann.accountId)
    expect(await holder(at('info+shop'))).toBe(ann.accountId)
    expect(await world.core.directory.mayUse(own(ann), at('info'))).toBe(true)
    expect(await world.core.directory.mayUse(own(ben), at('info'))).toBe(false)
    expect((await listAddresses(world.ctx, admin.actor, { tenantId: tenant.id })).aliases).toMatchObject([
      { address: at('info'), owner: ann.address },
    ])
    await removeAlias(world.ctx, admin.actor, { tenantId: tenant.id, address: at('info') })
    expect(await holder(at('info'))).toBe('unknown')
    // Their own organisation may give it on at once.
    await createAlias(world.ctx, admin.actor, { ...own(ben), address: at('info') })
    expect(await holder(at('info'))).toBe(ben.accountId)
  })

  it('are unique over all kinds of addresses', async () => {
    const taken = { code: 'CONFLICT' }
    await expect(createAlias(world.ctx, admin.actor, { ...own(ann), address: ben.address })).rejects.toMatchObject(
      taken,
    )
    await createGroup(world.ctx, admin.actor, group('unique'))
    await expect(createAlias(world.ctx, admin.actor, { ...own(ann), address: at('unique') })).rejects.toMatchObject(
      taken,
    )
    await expect(createGroup(world.ctx, admin.actor, group('info'))).rejects.toMatchObject(taken)
    const bad = { code: 'BAD_REQUEST' }
    for (const address of [at('a+b'), at('srs0=x'), 'x@elsewhere.test', 'nonsense'])
      await expect(createAlias(world.ctx, admin.actor, { ...own(ann), address })).rejects.toMatchObject(bad)
  })

  it('are for the admin of the same organisation only', async () => {
    const wanted = { ...own(ann), address: at('mine') }
    await expect(createAlias(world.ctx, ann.actor, wanted)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(createAlias(world.ctx, strangeAdmin.actor, wanted)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(
      createAlias(world.ctx, admin.actor, { ...own(strangeAdmin), tenantId: tenant.id, address: at('mine') }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('groups', () => {
  it('are their members, each once; who cannot take mail is left out', async () => {
    const { id } = await createGroup(world.ctx, admin.actor, group('team'))
    expect((await resolve(at('team'))).kind).toBe('unknown')
    const input = { tenantId: tenant.id, groupId: id, addresses: [ann.address, ` ${ben.address.toUpperCase()} `] }
    expect(await addMembers(world.ctx, admin.actor, input)).toMatchObject({ added: 2, notAdded: [] })
    const again = await addMembers(world.ctx, admin.actor, { ...input, addresses: [ann.address, 'x@ext.test', 'no'] })
    expect(again.added).toBe(0)
    expect(again.notAdded.map(({ who }) => who).sort()).toEqual([ann.address, 'no', 'x@ext.test'].sort())
    const found = await resolve(at('team'))
    expect(found).toMatchObject({ kind: 'group', tenantId: tenant.id, posting: 'tenant' })
    expect(found.kind === 'group' && found.mailboxes.map(({ accountId }) => accountId).sort()).toEqual(
      [ann.accountId, ben.accountId].sort(),
    )
    const view = await getGroup(world.ctx, admin.actor, { tenantId: tenant.id, groupId: id })
    expect(view.members.map(({ address }) => address)).toEqual([ann.address, ben.address])
    const memberId = view.members[0]?.id ?? ''
    await removeMember(world.ctx, admin.actor, { tenantId: tenant.id, groupId: id, memberId })
    const left = await resolve(at('team'))
    expect(left.kind === 'group' && left.mailboxes).toHaveLength(1)
    await changeGroup(world.ctx, admin.actor, { ...group('team'), groupId: id, name: 'Crew', posting: 'anyone' })
    expect(await resolve(at('team'))).toMatchObject({ kind: 'group', posting: 'anyone' })
    expect(await removeGroup(world.ctx, admin.actor, { tenantId: tenant.id, groupId: id })).toEqual({ members: 1 })
    expect((await resolve(at('team'))).kind).toBe('unknown')
  })

  it('and lists of another organisation are absent', async () => {
    const { id } = await createGroup(world.ctx, admin.actor, group('hidden', 'list'))
    const mine = { tenantId: tenant.id, groupId: id }
    const theirs = { tenantId: strangeAdmin.tenantId, groupId: id }
    for (const given of [mine, theirs]) {
      await expect(getGroup(world.ctx, strangeAdmin.actor, given)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(removeGroup(world.ctx, strangeAdmin.actor, given)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(
        addMembers(world.ctx, strangeAdmin.actor, { ...given, addresses: ['x@ext.test'] }),
      ).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
  })

  it('that are lists take members elsewhere, sealed, and are handed over', async () => {
    const { id } = await createGroup(world.ctx, admin.actor, group('news', 'list'))
    const addresses = ['Canary.Reader@ext.test', ann.address]
    await addMembers(world.ctx, admin.actor, { tenantId: tenant.id, groupId: id, addresses })
    expect(await resolve(at('news'))).toMatchObject({ kind: 'handover', to: 'list', tenantId: tenant.id, listId: id })
    expect(await resolve(at('news+bounces'))).toMatchObject({ kind: 'handover', to: 'list', listId: id })
    const { members } = await getGroup(world.ctx, admin.actor, { tenantId: tenant.id, groupId: id })
    expect(members.map(({ address, accountId }) => [address, accountId])).toEqual([
      [ann.address, ann.accountId],
      ['canary.reader@ext.test', null],
    ])
  })

  it('hold no more than their ceiling', async () => {
    const { id } = await createGroup(world.ctx, admin.actor, group('many', 'list'))
    const addresses = Array.from({ length: LIMITS.membersPerGroup + 1 }, (_, i) => `m${i}@ext.test`)
    const input = { tenantId: tenant.id, groupId: id, addresses }
    await expect(addMembers(world.ctx, admin.actor, input)).rejects.toMatchObject({ code: 'LIMIT' })
    await expect(addMembers(world.ctx, admin.actor, { ...input, groupId: newId<GroupId>() })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })
})

describe('masked addresses', () => {
  it('are made, switched off as if they had never been, and never given again', async () => {
    const { address } = await createMasked(world.ctx, ann.actor, { ...own(ann), label: 'shop' })
    expect(address).toMatch(new RegExp(`^[a-z]{14}@${domain}$`))
    expect(await holder(address)).toBe(ann.accountId)
    expect(await world.core.directory.mayUse(own(ann), address)).toBe(true)
    expect((await listOwnAddresses(world.ctx, ann.actor, own(ann))).masked).toMatchObject([
      { address, label: 'shop', blocked: false },
    ])
    // Nobody signs in by an address that is given to shops.
    const login = { username: address, password: ann.password, protocol: 'imap' as const, peer: '192.0.2.1' }
    expect(await world.core.directory.signIn(login)).toMatchObject({ ok: false })
    await setCatchAllTo(ben)
    await changeMasked(world.ctx, ann.actor, { ...own(ann), address, blocked: true })
    expect(await holder(address)).toBe('unknown')
    expect(await world.core.directory.mayUse(own(ann), address)).toBe(false)
    await changeMasked(world.ctx, ann.actor, { ...own(ann), address, blocked: false, label: 'books' })
    expect(await holder(address)).toBe(ann.accountId)
    await expect(removeMasked(world.ctx, ben.actor, { ...own(ben), address })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    await setCatchAllTo(null)
    await removeMasked(world.ctx, ann.actor, { ...own(ann), address })
    expect(await holder(address)).toBe('unknown')
    await expect(createAlias(world.ctx, admin.actor, { ...own(ben), address })).rejects.toMatchObject({
      code: 'CONFLICT',
    })
  })

  it('are for their owner alone', async () => {
    const wanted = { ...own(ann), label: 'x' }
    await expect(createMasked(world.ctx, ben.actor, wanted)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(createMasked(world.ctx, admin.actor, wanted)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(createMasked(world.ctx, strangeAdmin.actor, wanted)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

async function setCatchAllTo(of: TestAccount | null): Promise<void> {
  const { catchAll } = await listAddresses(world.ctx, admin.actor, { tenantId: tenant.id })
  const domainId = catchAll[0]?.domainId ?? newId()
  await setCatchAll(world.ctx, admin.actor, { tenantId: tenant.id, domainId, accountId: of?.accountId ?? null })
}

describe('what names nobody', () => {
  it('is refused at first, and goes to the catch-all once there is one', async () => {
    expect(await holder(at('nobody'))).toBe('unknown')
    await setCatchAllTo(ben)
    expect(await holder(at('nobody'))).toBe(ben.accountId)
    expect(await holder(ann.address)).toBe(ann.accountId)
    await setCatchAllTo(null)
    expect(await holder(at('nobody'))).toBe('unknown')
  })

  it('reaches the admin as postmaster and abuse, whoever takes the rest', async () => {
    await setCatchAllTo(ben)
    expect(await holder(at('postmaster'))).toBe(admin.accountId)
    expect(await holder(at('abuse'))).toBe(admin.accountId)
    expect(await resolve(at('dmarc-reports'))).toMatchObject({ kind: 'handover', to: 'reports' })
    await createAlias(world.ctx, admin.actor, { ...own(ann), address: at('abuse') })
    expect(await holder(at('abuse'))).toBe(ann.accountId)
    await setCatchAllTo(null)
  })

  it('is a sender again where SRS made it, and nothing where somebody made it up', async () => {
    const made = makeSrs(world.lookupKey, 'far@ext.test', domain, new Date()) ?? ''
    expect(await resolve(made)).toMatchObject({ kind: 'handover', to: 'srs', tenantId: tenant.id })
    expect((await resolve(made.replace('ext.test', 'evil.test'))).kind).toBe('unknown')
    const old = makeSrs(world.lookupKey, 'far@ext.test', domain, new Date(Date.now() - 15 * DAY_MS)) ?? ''
    expect((await resolve(old)).kind).toBe('unknown')
  })
})

it('an account that is ended leaves its groups, its catch-all, and its aliases to its organisation', async () => {
  const cara = await world.makeAccount(tenant, { address: at('cara') })
  await createAlias(world.ctx, admin.actor, { ...own(cara), address: at('sales') })
  const { id } = await createGroup(world.ctx, admin.actor, group('staff'))
  await addMembers(world.ctx, admin.actor, { tenantId: tenant.id, groupId: id, addresses: [cara.address] })
  await setCatchAllTo(cara)
  await terminateAccount(world.ctx, admin.actor, { ...own(cara), reason: 'left', now: true })
  expect(await holder(at('sales'))).toBe('unknown')
  expect(await holder(at('anything'))).toBe('unknown')
  expect((await getGroup(world.ctx, admin.actor, { tenantId: tenant.id, groupId: id })).members).toEqual([])
  await createAlias(world.ctx, admin.actor, { ...own(ben), address: at('sales') })
  expect(await holder(at('sales'))).toBe(ben.accountId)
})
