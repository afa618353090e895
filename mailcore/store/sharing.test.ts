import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect, type Sql } from '#db/client'
import type { MailStore } from '#mailcore/ports'
import { createWorld, faultOf, type TestAccount, type TestTenant, type World } from '#tests/helpers/world'

let world: World
let admin: Sql
let made = 0
let house: Awaited<ReturnType<World['makeHouse']>>

beforeAll(async () => {
  world = await createWorld()
  house = await world.makeHouse()
  admin = connect(world.adminUrls.main.replace(/\/[^/?]*(\?|$)/, `/${world.prefix}_mail_eu$1`), {
    max: 1,
    name: 'test',
  })
})
afterAll(async () => {
  await admin.end()
  await world.close()
})

async function newAccount(
  tenant: TestTenant = house.tenant,
  domain = house.domain,
): Promise<{ account: TestAccount; store: MailStore }> {
  const account = await world.makeAccount(tenant, { address: `canary${++made}@${domain}` })
  return { account, store: await world.core.open(account) }
}

const idOf = async (store: MailStore, path: string) => (await store.folder(path)).id

describe('grants', () => {
  it('gives rights to one person and to anyone, and takes them away at once', async () => {
    const [owner, friend, third] = [await newAccount(), await newAccount(), await newAccount()]
    const folder = await idOf(owner.store, 'Archive')
    const { accountId, address } = friend.account
    await owner.store.setGrant(folder, { grantee: { accountId, address }, rights: 'tlr' }, owner.account.address)
    expect(await owner.store.grants(folder)).toEqual([{ grantee: { accountId, address }, rights: 'lrt' }])
    expect(await friend.store.rightsOn(folder)).toBe('lrt')
    expect(await third.store.rightsOn(folder)).toBe('')
    await owner.store.setGrant(folder, { grantee: 'anyone', rights: 'lrs' }, owner.account.address)
    expect(await friend.store.rightsOn(folder)).toBe('lrst')
    expect(await third.store.rightsOn(folder)).toBe('lrs')
    await third.store.subscribeShared(folder, true)
    expect(await third.store.sharedWithMe()).toEqual([
      {
        ownerId: owner.account.accountId,
        ownerAddress: owner.account.address,
        folderId: folder,
        rights: 'lrs',
        subscribed: true,
      },
    ])
    expect(await owner.store.grants(folder)).toHaveLength(2)
    await owner.store.setGrant(folder, { grantee: 'anyone', rights: '' }, owner.account.address)
    expect(await third.store.rightsOn(folder)).toBe('')
    expect(await third.store.sharedWithMe()).toEqual([])
    await owner.store.setGrant(folder, { grantee: { accountId, address }, rights: '' }, owner.account.address)
    expect(await friend.store.rightsOn(folder)).toBe('')
    expect(await owner.store.sharedWithMe()).toEqual([])
  })

  it('knows only the owner as one who may grant, and only people of the tenant as grantees', async () => {
    const [owner, friend] = [await newAccount(), await newAccount()]
    const stranger = await world.makeHouse()
    const far = await newAccount(stranger.tenant, stranger.domain)
    const folder = await idOf(owner.store, 'Archive')
    const grantTo = (who: TestAccount) => ({
      grantee: { accountId: who.accountId, address: who.address },
      rights: 'lr',
    })
    expect((await faultOf(friend.store.setGrant(folder, grantTo(friend.account), 'x'))).code).toBe('NOT_FOUND')
    expect((await faultOf(friend.store.grants(folder))).code).toBe('NOT_FOUND')
    expect((await faultOf(far.store.setGrant(folder, grantTo(far.account), 'x'))).code).toBe('NOT_FOUND')
    expect((await faultOf(owner.store.setGrant(folder, grantTo(far.account), 'x'))).code).toBe('NOT_FOUND')
    expect((await faultOf(owner.store.setGrant(folder, { grantee: 'anyone', rights: 'q' }, 'x'))).code).toBe(
      'BAD_REQUEST',
    )
    await owner.store.setGrant(folder, { grantee: 'anyone', rights: 'lr' }, owner.account.address)
    expect(await far.store.rightsOn(folder)).toBe('')
    expect((await faultOf(far.store.subscribeShared(folder, true))).code).toBe('NOT_FOUND')
    // Not by the condition in the query alone: the other tenant's scope sees no row, and may write none.
    const mail = world.db.mail(owner.account.region)
    expect(await mail.withTenant(far.account.tenantId, (tx) => tx`select 1 from folder_grant`)).toHaveLength(0)
    const forged = mail.withTenant(
      far.account.tenantId,
      (
        tx,
      ) => tx`insert into folder_grant (tenant_id, folder_id, grantee_id, owner_id, rights, grantee_sealed, owner_sealed)
        values (${owner.account.tenantId}, ${folder}, ${far.account.accountId}, ${owner.account.accountId}, 'lr', '', '')`,
    )
    await expect(forged).rejects.toThrow(/row-level security/)
  })

  it('goes with its folder', async () => {
    const [owner, friend] = [await newAccount(), await newAccount()]
    const { id } = await owner.store.createFolder('Shared')
    await owner.store.setGrant(id, { grantee: 'anyone', rights: 'lr' }, owner.account.address)
    await owner.store.deleteFolder('Shared')
    expect(await friend.store.rightsOn(id)).toBe('')
  })
})

describe('annotations', () => {
  it('keeps them by folder and account, sealed', async () => {
    const { store } = await newAccount()
    const folder = await idOf(store, 'INBOX')
    await store.setAnnotations(folder, [
      { entry: '/private/canaryentry', value: Buffer.from('canaryvalue') },
      { entry: '/private/b', value: Buffer.from([0, 255]) },
    ])
    await store.setAnnotations(null, [{ entry: '/private/canaryentry', value: Buffer.from('account') }])
    await store.setAnnotations(folder, [
      { entry: '/private/b', value: null },
      { entry: '/private/c', value: Buffer.alloc(0) },
    ])
    expect(await store.annotations(folder)).toEqual([
      { entry: '/private/c', value: Buffer.alloc(0) },
      { entry: '/private/canaryentry', value: Buffer.from('canaryvalue') },
    ])
    expect(await store.annotations(null)).toEqual([{ entry: '/private/canaryentry', value: Buffer.from('account') }])
    const [row] = await admin`
      select (select string_agg(encode(entry_sealed || value_sealed, 'escape'), ' ') from annotation)
        || (select string_agg(encode(grantee_sealed || owner_sealed, 'escape'), ' ') from folder_grant) as text`
    expect(row?.text.length).toBeGreaterThan(50)
    expect(row?.text).not.toContain('canary')
  })

  it('holds its ceilings, all or nothing', async () => {
    const { store } = await newAccount()
    const folder = await idOf(store, 'INBOX')
    const many = (n: number) =>
      Array.from({ length: n }, (_, i) => ({ entry: `/private/${i}`, value: Buffer.from('x') }))
    expect((await faultOf(store.setAnnotations(folder, many(101)))).code).toBe('LIMIT')
    expect(await store.annotations(folder)).toEqual([])
    await store.setAnnotations(folder, many(100))
    await store.setAnnotations(folder, many(100))
    const big = { entry: '/private/0', value: Buffer.alloc(64 * 1024 + 1) }
    expect((await faultOf(store.setAnnotations(folder, [big]))).code).toBe('LIMIT')
    const other = await newAccount()
    expect((await faultOf(other.store.annotations(folder))).code).toBe('NOT_FOUND')
    expect((await faultOf(other.store.setAnnotations(folder, many(1)))).code).toBe('NOT_FOUND')
  })
})

describe('urlKey', () => {
  it('stays until it is made anew, one for two who ask together', async () => {
    const { store, account } = await newAccount()
    const other = await world.core.open(account)
    const folder = await idOf(store, 'INBOX')
    const [one, two] = await Promise.all([store.urlKey(folder), other.urlKey(folder)])
    expect(one).toHaveLength(32)
    expect(two.equals(one)).toBe(true)
    const fresh = await store.urlKey(folder, true)
    expect(fresh.equals(one)).toBe(false)
    expect((await other.urlKey(folder)).equals(fresh)).toBe(true)
    const stranger = await newAccount()
    expect((await faultOf(stranger.store.urlKey(folder))).code).toBe('NOT_FOUND')
  })
})
