import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ControlTx, Databases, Sql } from '#db/client'
import { type AccountState, updateAccount } from '#db/control/queries/account'
import { insertGroup, insertMembers, setCatchAll } from '#db/control/queries/address-group'
import { insertAddress, releaseSecondary, updateMasked } from '#db/control/queries/directory'
import { selectDomain } from '#db/control/queries/domain'
import { updateTenantState } from '#db/control/queries/tenant'
import { type Clock, DAY_MS } from '#lib/clock'
import { type Branded, type DomainId, type GroupId, newId, type TenantId } from '#lib/ids'
import { silentLog } from '#lib/log'
import type { Directory, Resolution } from '#mailcore/ports'
import { makeSrs } from '#mailcore/proto/srs'
import { createWorld, type TestAccount, type World } from '#tests/helpers/world'
import { createDirectory } from './directory'
import { addressHash } from './resolve'

let world: World
let tenantId: TenantId
let domain: string
let domainId: DomainId
let ann: TestAccount
let ben: TestAccount
let cat: TestAccount
let stranger: TestAccount
beforeAll(async () => {
  world = await createWorld()
  const house = await world.makeHouse()
  tenantId = house.tenant.id
  domain = house.domain
  domainId = (await inTenant((tx) => selectDomain(tx, { tenantId, name: domain })))?.id ?? newId<DomainId>()
  ann = await world.makeAccount(house.tenant, { address: at('ann') })
  ben = await world.makeAccount(house.tenant, { address: at('ben') })
  cat = await world.makeAccount(house.tenant, { address: at('cat') })
  const other = await world.makeHouse()
  stranger = await world.makeAccount(other.tenant, { address: `admin@${other.domain}`, role: 'admin' })
})
afterAll(() => world.close())

const inTenant = <T>(work: (tx: ControlTx) => Promise<T>): Promise<T> => world.db.control.withTenant(tenantId, work)

const at = (local: string): string => `${local}@${domain}`
const hash = (local: string): Buffer => addressHash(world.lookupKey, at(local))

/** As another process would have it: remembers nothing. */
const fresh = (over: { db?: Databases; clock?: Clock } = {}): Directory =>
  createDirectory({ db: world.db, lookupKey: world.lookupKey, log: silentLog, clock: world.clock, ...over })
async function resolve(address: string, directory = fresh()): Promise<Resolution> {
  const [found] = await directory.resolve([address])
  if (!found) throw new Error('no answer')
  return found
}
/** The name of who gets it, or the kind of answer. */
async function whoGets(address: string): Promise<string> {
  const found = await resolve(address)
  return found.kind === 'mailbox' ? nameOf(found.mailbox.accountId) : found.kind
}
const nameOf = (id: string): string =>
  [ann, ben, cat, stranger].find(({ accountId }) => accountId === id)?.address.split('@')[0] ?? 'somebody else'

const setState = (of: TestAccount, state: AccountState) => inTenant((tx) => updateAccount(tx, of, { state }))
const setCatcher = (of: TestAccount | null) =>
  inTenant((tx) => setCatchAll(tx, { tenantId, domainId, accountId: of?.accountId ?? null }))
const addSecondary = (of: TestAccount, kind: 'alias' | 'masked', local: string) =>
  inTenant((tx) =>
    insertAddress(tx, {
      addressHash: hash(local),
      tenantId,
      domainId,
      accountId: of.accountId,
      kind,
      sealed: Buffer.from('sealed'),
      createdAt: new Date(),
    }),
  )
async function addGroup(
  local: string,
  options: { kind?: 'group' | 'list'; posting?: 'anyone' | 'tenant' | 'members'; members?: TestAccount[] } = {},
): Promise<GroupId> {
  const { kind = 'group', posting = 'anyone', members = [] } = options
  const id = newId<GroupId>()
  await inTenant(async (tx) => {
    await insertGroup(tx, { tenantId, id, domainId, kind, posting, sealed: Buffer.from('sealed') })
    await insertAddress(tx, { addressHash: hash(local), tenantId, domainId, groupId: id, kind: 'group' })
    const rows = members.map(({ accountId }) => ({
      tenantId,
      groupId: id,
      id: newId<Branded<'GroupMember'>>(),
      accountId,
    }))
    await insertMembers(tx, rows)
  })
  return id
}
async function without<T>(of: TestAccount[], work: () => Promise<T>): Promise<T> {
  const mail = world.db.mail(ann.region)
  await mail.withTenant(
    tenantId,
    (tx) =>
      tx`update mailbox set quota_bytes = quota_bytes - 1000000000000 where account_id = any(${of.map((one) => one.accountId)}::uuid[])`,
  )
  try {
    return await work()
  } finally {
    await mail.withTenant(
      tenantId,
      (tx) =>
        tx`update mailbox set quota_bytes = quota_bytes + 1000000000000 where account_id = any(${of.map((one) => one.accountId)}::uuid[])`,
    )
  }
}
/** The databases, and how often the look-up role was asked so far. */
function counted(): { db: Databases; asked: () => number } {
  let asked = 0
  const lookup: Sql = new Proxy(world.db.control.lookup, {
    apply: (target, self, args) => {
      asked++
      return Reflect.apply(target, self, args)
    },
  })
  return { db: { ...world.db, control: { ...world.db.control, lookup } }, asked: () => asked }
}

describe('aliases and masked addresses', () => {
  it('lead to the mailbox of their account, under any spelling and with a subaddress', async () => {
    await addSecondary(ann, 'alias', 'info')
    await addSecondary(ann, 'masked', 'bofa')
    for (const address of [at('info'), at('bofa'), at('info+shop'), `InFo+Shop@${domain.toUpperCase()}`])
      expect(await whoGets(address), address).toBe('ann')
  })

  it('follow the state of their account', async () => {
    await setState(ann, 'suspended')
    expect(await whoGets(at('info'))).toBe('suspended')
    await setState(ann, 'active')
    expect(await without([ann], () => whoGets(at('info')))).toBe('full')
    expect(await whoGets(at('info'))).toBe('ann')
  })

  it('answer like nothing once switched off, even where a catch-all takes the rest', async () => {
    await setCatcher(ben)
    const switchTo = (blocked: boolean) =>
      inTenant((tx) => updateMasked(tx, { tenantId, accountId: ann.accountId, addressHash: hash('bofa') }, { blocked }))
    await switchTo(true)
    expect(await resolve(at('bofa'))).toEqual({ kind: 'unknown' })
    expect(await resolve(at('bofa+x'))).toEqual({ kind: 'unknown' })
    await setState(ann, 'suspended')
    expect(await resolve(at('bofa'))).toEqual({ kind: 'unknown' })
    await setState(ann, 'active')
    await switchTo(false)
    expect(await whoGets(at('bofa'))).toBe('ann')
    await setCatcher(null)
  })

  it('are nobody’s in quarantine, not the catch-all’s either; after it the catch-all’s', async () => {
    await setCatcher(ben)
    await addSecondary(ann, 'masked', 'gone')
    await addSecondary(ann, 'masked', 'over')
    const release = (local: string, freeAt: Date) =>
      inTenant((tx) => releaseSecondary(tx, { tenantId, addressHash: hash(local), kind: 'masked', freeAt }))
    await release('gone', new Date(Date.now() + DAY_MS))
    await release('over', new Date(Date.now() - DAY_MS))
    expect(await whoGets(at('gone'))).toBe('unknown')
    expect(await whoGets(at('gone+shop'))).toBe('unknown')
    expect(await whoGets(at('over'))).toBe('ben')
    await setCatcher(null)
    expect(await whoGets(at('over'))).toBe('unknown')
  })
})

describe('groups', () => {
  it('are the mailboxes of their members, each once, however they are named together', async () => {
    await addGroup('team', { posting: 'members', members: [ann, ben] })
    const answers = await fresh().resolve([at('team'), at('team+x'), at('ann'), at('TEAM')])
    for (const found of [answers[0], answers[1], answers[3]]) {
      expect(found).toMatchObject({ kind: 'group', tenantId, posting: 'members' })
      expect(found?.kind === 'group' && found.mailboxes.map(({ accountId }) => nameOf(accountId)).sort()).toEqual([
        'ann',
        'ben',
      ])
    }
    expect(answers[2]).toMatchObject({ kind: 'mailbox', mailbox: { accountId: ann.accountId } })
  })

  it('leave out who takes nothing, and answer for all of them once nobody does', async () => {
    const names = async () => {
      const found = await resolve(at('team'))
      return found.kind === 'group' ? found.mailboxes.map(({ accountId }) => nameOf(accountId)).sort() : found.kind
    }
    await setState(ben, 'closing')
    expect(await names()).toEqual(['ann', 'ben'])
    await setState(ben, 'suspended')
    expect(await names()).toEqual(['ann'])
    expect(await without([ann], names)).not.toBe('unknown')
    await setState(ben, 'active')
    expect(await without([ann], names)).toEqual(['ben'])
    expect(await without([ann, ben], names)).toBe('full')
    await setState(ann, 'suspended')
    await setState(ben, 'suspended')
    expect(await names()).toBe('suspended')
    await setState(ann, 'active')
    await setState(ben, 'active')
  })

  it('of nobody are unknown, and not the catch-all’s', async () => {
    await addGroup('empty')
    await setCatcher(ben)
    expect(await whoGets(at('empty'))).toBe('unknown')
    await setCatcher(null)
  })

  it('that are lists are handed over with their own bounces, members or not', async () => {
    const listId = await addGroup('news', { kind: 'list' })
    for (const local of ['news', 'news+bounces'])
      expect(await resolve(at(local))).toEqual({
        kind: 'handover',
        to: 'list',
        tenantId,
        region: ann.region,
        listId,
      })
  })
})

describe('what nobody has', () => {
  it('goes to the catch-all while that account may receive, and is unknown without one', async () => {
    expect(await whoGets(at('nobody'))).toBe('unknown')
    await setCatcher(cat)
    expect(await whoGets(at('nobody'))).toBe('cat')
    expect(await whoGets(at('nobody+x'))).toBe('cat')
    expect(await whoGets(at('ann+x'))).toBe('ann')
    expect(await without([cat], () => whoGets(at('nobody')))).toBe('full')
    await setState(cat, 'suspended')
    expect(await whoGets(at('nobody'))).toBe('suspended')
    await setState(cat, 'active')
    expect(await whoGets('nobody@elsewhere.test')).toBe('remote')
    const [, theirs] = stranger.address.split('@')
    expect(await whoGets(`nobody@${theirs}`)).toBe('unknown')
    await setCatcher(null)
  })

  it('is nobody’s where it is no address', async () => {
    await setCatcher(cat)
    for (const address of ['', 'nobody', `"nobody"@${domain}`, `"e@attacker.test"@${domain}`, `v%ext.test@${domain}`])
      expect(await whoGets(address), address).toBe('unknown')
    await setCatcher(null)
  })
})

describe('the addresses every domain has', () => {
  it('reach who has them, else the oldest active admin, else the catch-all', async () => {
    const roles = ['postmaster', 'abuse', 'PostMaster']
    for (const local of roles) expect(await whoGets(at(local))).toBe('unknown')
    await setCatcher(cat)
    for (const local of roles) expect(await whoGets(at(local))).toBe('cat')
    await inTenant((tx) => updateAccount(tx, ben, { role: 'admin' }))
    await inTenant((tx) => updateAccount(tx, ann, { role: 'admin' }))
    for (const local of roles) expect(await whoGets(at(local))).toBe('ann')
    await setState(ann, 'suspended')
    for (const local of roles) expect(await whoGets(at(local))).toBe('ben')
    await setState(ann, 'active')
    await addSecondary(cat, 'alias', 'abuse')
    expect(await whoGets(at('abuse'))).toBe('cat')
    expect(await whoGets(at('postmaster'))).toBe('ann')
    await setCatcher(null)
  })

  it('fall back on the admin where their group has no member, or their alias is in quarantine', async () => {
    await addGroup('postmaster')
    expect(await whoGets(at('postmaster'))).toBe('ann')
    const freeAt = new Date(Date.now() + DAY_MS)
    await inTenant((tx) => releaseSecondary(tx, { tenantId, addressHash: hash('abuse'), kind: 'alias', freeAt }))
    expect(await whoGets(at('abuse'))).toBe('ann')
  })

  it('are none of a domain that nobody has proven', async () => {
    expect(await whoGets('postmaster@unproven.test')).toBe('remote')
  })

  it('take reports about the domain, unless somebody has the address', async () => {
    await setCatcher(cat)
    for (const local of ['dmarc-reports', 'tls-reports'])
      expect(await resolve(at(local))).toEqual({
        kind: 'handover',
        to: 'reports',
        tenantId,
        region: ann.region,
        listId: null,
      })
    await addSecondary(cat, 'alias', 'tls-reports')
    expect(await whoGets(at('tls-reports'))).toBe('cat')
    await setCatcher(null)
  })
})

describe('a sender’s address made by SRS', () => {
  it('is handed over for 14 days; one made up or too old is unknown, catch-all or not', async () => {
    await setCatcher(cat)
    const now = world.clock.now()
    const made = makeSrs(world.lookupKey, 'far+tag@ext.test', domain, now) ?? ''
    const handover = { kind: 'handover', to: 'srs', tenantId, region: ann.region, listId: null }
    const later = (days: number) => fresh({ clock: { now: () => new Date(now.getTime() + days * DAY_MS) } })
    expect(await resolve(made)).toEqual(handover)
    expect(await resolve(made.toUpperCase())).toEqual(handover)
    expect(await resolve(made, later(14))).toEqual(handover)
    expect(await resolve(made, later(15))).toEqual({ kind: 'unknown' })
    expect(await resolve(made.replace('far+tag', 'other'))).toEqual({ kind: 'unknown' })
    expect(await resolve(at('srs0=nonsense'))).toEqual({ kind: 'unknown' })
    await setCatcher(null)
  })
})

describe('mayUse', () => {
  it('is for one’s own primary, alias and masked addresses, with a subaddress too', async () => {
    const directory = fresh()
    for (const local of ['ann', 'info', 'bofa', 'ann+x', 'info+x', 'ANN'])
      expect(await directory.mayUse(ann, at(local)), local).toBe(true)
    for (const local of ['ann', 'info', 'bofa', 'info+x'])
      expect(await directory.mayUse(ben, at(local)), local).toBe(false)
    expect(await directory.mayUse({ ...ann, tenantId: stranger.tenantId }, at('ann'))).toBe(false)
  })

  it('is not for what is switched off or given up, a group, a list, a role, the catch-all or what is no address', async () => {
    await inTenant((tx) =>
      updateMasked(tx, { tenantId, accountId: ann.accountId, addressHash: hash('bofa') }, { blocked: true }),
    )
    await setCatcher(ann)
    const directory = fresh()
    for (const local of ['bofa', 'bofa+x', 'gone', 'team', 'team+x', 'news', 'postmaster', 'nobody'])
      expect(await directory.mayUse(ann, at(local)), local).toBe(false)
    for (const address of ['', 'ann', `"ann"@${domain}`, `ann\uff20${domain}`])
      expect(await directory.mayUse(ann, address), address).toBe(false)
    await setCatcher(null)
  })
})

describe('a tenant that is suspended', () => {
  it('takes nothing for now, by whatever address', async () => {
    await setCatcher(cat)
    const set = (state: 'active' | 'suspended') =>
      world.db.control.withSystem('operator desk', (tx) => updateTenantState(tx, tenantId, state))
    await set('suspended')
    for (const local of ['ann', 'info', 'team', 'news', 'nobody', 'abuse'])
      expect(await whoGets(at(local)), local).toBe('suspended')
    expect(await whoGets(at('gone'))).toBe('unknown')
    await set('active')
    await setCatcher(null)
  })
})

describe('what it costs', () => {
  it('is two questions for people, and one more round of three for what is nobody’s', async () => {
    const { db, asked } = counted()
    const people = await fresh({ db }).resolve([at('ann'), at('ben+x'), at('info')])
    expect(people.map(({ kind }) => kind)).toEqual(['mailbox', 'mailbox', 'mailbox'])
    expect(asked()).toBe(2)
    await fresh({ db }).resolve(['x@elsewhere.test'])
    expect(asked()).toBe(4)
    await fresh({ db }).resolve([at('ann'), at('nobody'), at('team')])
    expect(asked()).toBe(8)
  })
})
