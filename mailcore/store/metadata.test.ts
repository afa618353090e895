import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Tx } from '#db/client'
import type { FolderId } from '#lib/ids'
import { silentLog } from '#lib/log'
import type { MailStore, MetaColumn, MetaItem } from '#mailcore/ports'
import { checkMailbox } from '#mailcore/store/check'
import { columnOf, itemOf, packColumn, unpackColumn } from '#mailcore/store/columns'
import { createMailStores } from '#mailcore/store/mail-store'
import { type Batch, MetaCache } from '#mailcore/store/meta-cache'
import { createWorld, type TestAccount, type World } from '#tests/helpers/world'

const ALL: readonly MetaColumn[] = ['envelope', 'bodystructure', 'header', 'preview']
const COUNT = 300
let world: World
let account: TestAccount
let store: MailStore
let inbox: FolderId
beforeAll(async () => {
  world = await createWorld()
  const { tenant, domain } = await world.makeHouse()
  account = await world.makeAccount(tenant, { address: `meta@${domain}` })
  store = await world.core.stores.open(account)
  inbox = (await store.folder('INBOX')).id
  await store.appendAll(
    'INBOX',
    Array.from({ length: COUNT }, (_, i) => messageOf(i + 1)),
  )
})
afterAll(async () => {
  store.close()
  await world.close()
})

const messageOf = (n: number) => ({
  raw: Buffer.from(`Subject: number ${n}\r\nFrom: a@b.example\r\n\r\ntext ${n} ${'x'.repeat(n % 50)}\r\n`),
  flags: [],
  receivedAt: new Date(1_700_000_000_000),
})
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, i) => first + i)
const inTenant = <R>(work: (tx: Tx) => Promise<R>) => world.db.mail(account.region).withTenant(account.tenantId, work)
const pages = async () =>
  (
    await inTenant(
      (tx) => tx<{ first: number; last: number }[]>`select first_uid first, last_uid last from meta_page
        where folder_id = ${inbox} order by first_uid`,
    )
  ).map(({ first, last }) => [first, last])

async function read(from: MailStore, uids: number[], columns = ALL): Promise<MetaItem[]> {
  const items: MetaItem[] = []
  for await (const batch of from.metadata(inbox, uids, columns)) items.push(...batch)
  return items
}

/** The same by the older way, which knows no pages. */
async function truth(uids: number[]): Promise<Record<string, string | number>[]> {
  const items: Record<string, string | number>[] = []
  for await (const { uid, meta } of store.fetch(inbox, uids, { meta: true })) items.push({ uid, ...meta })
  return items
}

const text = (item: MetaItem) => ({
  uid: item.uid,
  envelope: item.envelope?.toString('latin1'),
  bodystructure: item.bodystructure?.toString('latin1'),
  header: item.header?.toString('latin1'),
  preview: item.preview?.toString(),
})

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let n = 0; n < 200 && !(await holds()); n++) await new Promise((resolve) => setTimeout(resolve, 20))
  expect(await holds()).toBe(true)
}

describe('metadata', () => {
  it('reads the same from rows, from pages made of them, and from memory', async () => {
    const expected = await truth(upTo(COUNT))
    expect(expected).toHaveLength(COUNT)
    expect((await read(store, upTo(COUNT))).map(text)).toEqual(expected)
    await until(async () => (await pages()).length === 1)
    expect(await pages()).toEqual([[1, 256]]) // the 44 behind it are too few
    expect((await read(store, upTo(COUNT))).map(text)).toEqual(expected)
    const other = await createMailStores({ db: world.db, keys: world.core.keys, log: silentLog }).open(account)
    const odd = upTo(COUNT).filter((uid) => uid % 2 === 1)
    expect(
      (await read(other, odd, ['preview', 'envelope'])).map((item) => [item.uid, item.preview?.toString()]),
    ).toEqual((await truth(odd)).map(({ uid, preview }) => [uid, preview]))
    expect((await read(other, upTo(COUNT))).map(text)).toEqual(expected)
    expect((await read(other, [5, 999])).map(({ uid }) => uid)).toEqual([5])
    other.close()
  })

  it('keeps no page of a message that left, makes a new one later, and none twice', async () => {
    await store.remove(inbox, [7])
    expect(await pages()).toEqual([])
    const reader = async () => createMailStores({ db: world.db, keys: world.core.keys, log: silentLog }).open(account)
    const left = upTo(COUNT).filter((uid) => uid !== 7)
    const readers = await Promise.all([reader(), reader()])
    await Promise.all(readers.map((one) => read(one, left)))
    await until(async () => (await pages()).length > 0)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await pages()).toEqual([[1, 257]])
    await store.move(inbox, [20], 'Archive')
    expect(await pages()).toEqual([])
    const rest = left.filter((uid) => uid !== 20)
    expect((await read(readers[0], rest)).map(text)).toEqual(await truth(rest))
    for (const one of readers) one.close()
    expect((await checkMailbox({ db: world.db, keys: world.core.keys }, account)).problems).toEqual([])
  })

  it('has its pages checked: one that differs, one that was altered, one that outlived a message', async () => {
    const one = await createMailStores({ db: world.db, keys: world.core.keys, log: silentLog }).open(account)
    await read(one, upTo(COUNT))
    await until(async () => (await pages()).length === 1)
    const kinds = async () =>
      (await checkMailbox({ db: world.db, keys: world.core.keys }, account)).problems.map(({ kind }) => kind)
    await inTenant(
      (tx) => tx`update meta_page set uid_runs = array[1, 2, 3, 6, 8, 258]::bigint[] where folder_id = ${inbox}`,
    )
    expect(await kinds()).toEqual(expect.arrayContaining(['page outlives a message', 'page differs from its rows']))
    await inTenant(
      (tx) =>
        tx`update meta_page set envelope = set_byte(envelope, 40, get_byte(envelope, 40) # 1) where folder_id = ${inbox}`,
    )
    expect(await kinds()).toContain('page differs from its rows')
    await expect(
      read(await createMailStores({ db: world.db, keys: world.core.keys, log: silentLog }).open(account), upTo(COUNT)),
    ).rejects.toMatchObject({
      code: 'INTERNAL',
    })
    await inTenant((tx) => tx`delete from meta_page where folder_id = ${inbox}`)
    expect(await kinds()).toEqual([])
    one.close()
  })

  it('is opened in small steps and put together again: messages fetched one by one', async () => {
    const one = await createMailStores({ db: world.db, keys: world.core.keys, log: silentLog }).open(account)
    const uids = upTo(150, 40)
    for (const uid of uids) expect(await read(one, [uid])).toHaveLength(1)
    expect((await read(one, uids)).map(text)).toEqual(await truth(uids))
    one.close()
  })
})

describe('bodies', () => {
  it('come in the order of their uids, byte for byte, without those that are gone', async () => {
    const got: [number, string][] = []
    for await (const { uid, raw } of store.bodies(inbox, [1, 7, 20, ...upTo(200, 30), 5_000]))
      got.push([uid, raw.toString()])
    expect(got).toEqual([1, ...upTo(200, 30)].map((uid) => [uid, messageOf(uid).raw.toString()]))
    const single: string[] = []
    for await (const { raw } of store.bodies(inbox, [3])) single.push(raw.toString())
    for await (const { raw } of store.bodies(inbox, [])) single.push(raw.toString())
    expect(single).toEqual([messageOf(3).raw.toString()])
    // Messages newer than any view this process has seen.
    const { uids } = await store.appendAll('Archive', [messageOf(1), messageOf(2)])
    const archive = (await store.folder('Archive')).id
    const fresh: number[] = []
    for await (const { uid } of store.bodies(archive, uids)) fresh.push(uid)
    const later = await store.appendAll('Archive', [messageOf(3), messageOf(4)])
    for await (const { uid } of store.bodies(archive, later.uids)) fresh.push(uid)
    expect(fresh).toEqual([...uids, ...later.uids])
  })

  it('have stable ids', async () => {
    const ids = await store.emailIds(inbox, [1, 2, 7])
    const { messages } = await store.list(inbox)
    expect([...ids]).toEqual(messages.slice(0, 2).map(({ uid, emailId }) => [uid, emailId]))
  })
})

describe('the cache', () => {
  const batch = (pageId: string | null): Batch => ({ uids: Uint32Array.of(1), pageId, columns: new Map() })
  const column = (bytes: number) => columnOf([Buffer.alloc(bytes - 4)])

  it('stays below its ceiling, drops what was unused longest, rows whole and pages by column', () => {
    const cache = new MetaCache(1_000)
    const [rows, page] = [batch(null), batch('p')]
    for (const name of ['envelope', 'header'] as const) cache.put(rows, name, column(200))
    for (const name of ['envelope', 'header'] as const) cache.put(page, name, column(200))
    expect(cache.bytes).toBe(800)
    const kept = page.columns.get('envelope')
    if (kept) cache.touch(kept)
    cache.put(batch('q'), 'envelope', column(300))
    expect([...rows.columns.keys()]).toEqual([])
    cache.put(batch('r'), 'envelope', column(400))
    expect([...page.columns.keys()]).toEqual(['envelope'])
    expect(cache.bytes).toBeLessThanOrEqual(1_000)
    cache.drop(page)
    expect(cache.bytes).toBe(700)
  })

  it('is emptied of an account when its last session closes', async () => {
    const cache = new MetaCache(1_000_000)
    const { SharedAccounts } = await import('#mailcore/store/shared')
    const accounts = new SharedAccounts(cache)
    const keys = await world.core.keys.mailboxKeys(account.tenantId, account.accountId)
    const { mailSession } = await import('#mailcore/store/session')
    const [one, two] = [accounts.join(account.accountId, keys), accounts.join(account.accountId, keys)]
    expect(one.shared).toBe(two.shared)
    const s = mailSession(world.db, account, keys, () => world.core.keys.tenantKey(account.tenantId))
    for await (const items of one.shared.meta(inbox).read(s, [1, 2, 3], ALL, () => undefined))
      expect(items).toHaveLength(3)
    expect(cache.bytes).toBeGreaterThan(0)
    one.leave()
    expect(cache.bytes).toBeGreaterThan(0)
    two.leave()
    expect(cache.bytes).toBe(0)
    // A reader who was under way when the last session closed leaves nothing behind either.
    for await (const items of one.shared.meta(inbox).read(s, [1, 2, 3], ALL, () => undefined))
      expect(items).toHaveLength(3)
  })

  it('packs a column and refuses one that was cut', () => {
    const items = ['one', '', 'three'].map((item) => Buffer.from(item))
    const packed = packColumn(columnOf(items))
    const back = unpackColumn(packed)
    expect([0, 1, 2].map((i) => itemOf(back, i).toString())).toEqual(['one', '', 'three'])
    expect(() => unpackColumn(packed.subarray(0, -1))).toThrow()
  })
})
