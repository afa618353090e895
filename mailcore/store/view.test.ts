import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLog } from '#lib/log'
import type { FolderView, MailStore } from '#mailcore/ports'
import { createMailStores } from '#mailcore/store/mail-store'
import { createWorld, type TestAccount, type TestTenant, type World } from '#tests/helpers/world'

const seed = Number(process.env.MAILTIGHT_SEED ?? randomInt(2 ** 31))
let world: World
let tenant: TestTenant
let domain: string
let made = 0
beforeAll(async () => {
  world = await createWorld()
  const house = await world.makeHouse()
  tenant = house.tenant
  domain = house.domain
})
// Closing checks every invariant of every mailbox, pages included.
afterAll(() => world.close())

/** The stores of one more process over the same databases. */
const process2 = () => createMailStores({ db: world.db, keys: world.core.keys, log: silentLog })
const newAccount = (): Promise<TestAccount> => world.makeAccount(tenant, { address: `view${++made}@${domain}` })
const rawOf = (subject: string) => Buffer.from(`Subject: ${subject}\r\n\r\nbody of ${subject}\r\n`)
const put = (store: MailStore, subject: string, flags: string[] = []) =>
  store.append('INBOX', { raw: rawOf(subject), flags, receivedAt: new Date(1_700_000_000_000) })

/** What a view says, as plain data. */
const plain = (view: FolderView) => ({
  ...view,
  uids: [...view.uids],
  flags: [...view.flags],
  modseqs: [...view.modseqs],
  sizes: [...view.sizes],
  receivedAt: [...view.receivedAt],
  savedAt: [...view.savedAt],
  keywords: [...view.keywords].sort(([a], [b]) => a - b),
})

function chance(from: number): (below: number) => number {
  let state = from >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

describe('a view', () => {
  it(`equals a reload after whatever sessions of two processes did (MAILTIGHT_SEED=${seed})`, async () => {
    const account = await newAccount()
    const stores = await Promise.all([world.core.stores.open(account), process2().open(account)])
    const { id } = await stores[0].folder('INBOX')
    const act = async (store: MailStore, draw: (below: number) => number, name: string) => {
      const { uids } = await store.view(id)
      const some = [...uids].filter(() => draw(4) === 0)
      const flags = ['\\Seen', '\\Deleted', 'Work', `k${draw(6)}`].filter(() => draw(2) === 0)
      switch (draw(8)) {
        case 0:
        case 1:
          return put(store, name, flags)
        case 2:
          return store.appendAll(
            'INBOX',
            [0, 1, 2].map((n) => ({ raw: rawOf(`${name}.${n}`), flags, receivedAt: new Date() })),
          )
        case 3:
          return store.expunge(id)
        case 4:
          return store.remove(id, some.slice(0, 2))
        case 5:
          return store.move(id, some, draw(2) === 0 ? 'INBOX' : 'Archive')
        default: {
          const action = (['set', 'add', 'remove'] as const)[draw(3)] ?? 'set'
          const stored = await store.changeFlags(id, some, { action, flags })
          expect(stored.changed.every((uid) => some.includes(uid))).toBe(true)
          if (stored.modseq !== undefined)
            expect(Number(stored.view.folder.highestModseq)).toBeGreaterThanOrEqual(stored.modseq)
        }
      }
    }
    for (let round = 0; round < 8; round++) {
      await Promise.all(
        stores.flatMap((store, i) =>
          [0, 1].map(async (session) => {
            const draw = chance(seed + round * 10 + i * 2 + session)
            for (let n = 0; n < 6; n++) await act(store, draw, `r${round}s${i}${session}n${n}`)
          }),
        ),
      )
      const fresh = await process2().open(account)
      const truth = plain(await fresh.view(id))
      expect(plain(await stores[0].view(id))).toEqual(truth)
      expect(plain(await stores[1].view(id))).toEqual(truth)
      expect(truth.folder.messages).toBe(truth.uids.length)
      fresh.close()
    }
    for (const store of stores) store.close()
  }, 60_000)

  it('is one object while nothing changes, and shares the columns that did not', async () => {
    const account = await newAccount()
    const [one, two] = [await world.core.stores.open(account), await world.core.stores.open(account)]
    for (const n of [1, 2, 3]) await put(one, `m${n}`)
    const { id } = await one.folder('INBOX')
    const first = await one.view(id)
    expect(await two.view(id)).toBe(first)
    expect(two.knownView(id)).toBe(first)
    const { view, changed, modseq } = await two.changeFlags(id, [2], { action: 'add', flags: ['\\Seen'] })
    expect(one.knownView(id)).toBe(view)
    expect(view.uids).toBe(first.uids)
    expect(view.sizes).toBe(first.sizes)
    expect(view.flags).not.toBe(first.flags)
    expect([...first.flags]).toEqual([0, 0, 0])
    expect({ changed, modseq, unseen: view.folder.unseen }).toEqual({
      changed: [2],
      modseq: view.modseqs[1],
      unseen: 2,
    })
    const other = await process2().open(account)
    await other.changeFlags(id, [1, 3], { action: 'add', flags: ['\\Flagged'] })
    const third = await one.view(id)
    expect(third.uids).toBe(first.uids)
    expect([...third.flags]).toEqual([4, 1, 4])
    for (const store of [one, two, other]) store.close()
  })

  it('shows what was committed before the call, to each of many who ask at once', async () => {
    const account = await newAccount()
    const store = await world.core.stores.open(account)
    const other = await process2().open(account)
    const { id } = await store.folder('INBOX')
    const asks: Promise<void>[] = []
    for (let n = 1; n <= 20; n++) {
      await put(other, `m${n}`)
      for (let k = 0; k < 3; k++)
        asks.push(store.view(id).then((view) => expect(view.uids.length).toBeGreaterThanOrEqual(n)))
    }
    await Promise.all(asks)
    store.close()
    other.close()
  })

  it('says when a folder is new by name or gone', async () => {
    const account = await newAccount()
    const store = await world.core.stores.open(account)
    const { id } = await store.createFolder('Old')
    await store.view(id)
    await store.renameFolder('Old', 'New')
    expect((await store.view(id)).folder.path).toBe('New')
    await store.deleteFolder('New')
    await expect(store.view(id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(store.knownView(id)).toBeUndefined()
    store.close()
  })

  it('is forgotten when the last session of the account closes', async () => {
    const account = await newAccount()
    const [one, two] = [await world.core.stores.open(account), await world.core.stores.open(account)]
    const { id } = await one.folder('INBOX')
    const view = await one.view(id)
    one.close()
    one.close()
    expect(one.knownView(id)).toBeUndefined()
    expect(two.knownView(id)).toBe(view)
    two.close()
    const three = await world.core.stores.open(account)
    expect(three.knownView(id)).toBeUndefined()
    expect(await three.view(id)).not.toBe(view)
    three.close()
  })
})

describe('changing flags', () => {
  it('lets exactly one of many UNCHANGEDSINCE stores win, from two processes', async () => {
    const account = await newAccount()
    const stores = await Promise.all([world.core.stores.open(account), process2().open(account)])
    await put(stores[0], 'one')
    const { id, highestModseq } = await stores[0].folder('INBOX')
    await Promise.all(stores.map((store) => store.view(id)))
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        stores[i % 2 === 0 ? 0 : 1].changeFlags(id, [1], {
          action: 'add',
          flags: [['\\Seen', '\\Flagged', '\\Answered', 'Work'][i % 4] ?? ''],
          unchangedSince: highestModseq,
        }),
      ),
    )
    expect(results.filter((r) => r.modified.length === 0 && r.changed.length === 1)).toHaveLength(1)
    expect(results.filter((r) => r.modified.length === 1 && r.changed.length === 0)).toHaveLength(11)
    for (const store of stores) store.close()
  })

  it('answers with what really changed, keeps the mod-sequence otherwise, and touches no other message', async () => {
    const account = await newAccount()
    const store = await world.core.stores.open(account)
    for (const n of [1, 2, 3, 4]) await put(store, `m${n}`, n === 2 ? ['Work'] : [])
    const { id } = await store.folder('INBOX')
    await store.remove(id, [3])
    const before = await store.view(id)
    const add = await store.changeFlags(id, [1, 2, 3, 9], { action: 'add', flags: ['work'] })
    expect(add).toMatchObject({ changed: [1], modified: [] })
    expect([...add.view.modseqs].filter((modseq, i) => modseq !== before.modseqs[i])).toEqual([add.modseq])
    const same = await store.changeFlags(id, [1, 2], { action: 'add', flags: ['Work'] })
    expect(same).toMatchObject({ changed: [], modified: [], modseq: undefined })
    expect(same.view).toBe(add.view)
    const none = await store.changeFlags(id, [2], { action: 'remove', flags: ['Unheard'] })
    expect(none).toMatchObject({ changed: [], modseq: undefined })
    const set = await store.changeFlags(id, [4, 2, 1, 2], { action: 'set', flags: ['\\Seen'] })
    expect(set.changed).toEqual([1, 2, 4])
    expect([...set.view.flags]).toEqual([1, 1, 1])
    expect(set.view.folder.unseen).toBe(0)
    expect((await store.changes(id, BigInt(set.modseq ?? 0) - 1n)).at(-1)).toMatchObject({
      kind: 'flags',
      uids: [1, 2, 4],
    })
    store.close()
  })
})

describe('appending', () => {
  it('takes all messages of an APPEND or none', async () => {
    const account = await newAccount()
    const store = await world.core.stores.open(account)
    const message = (n: number) => ({
      raw: rawOf(`m${n}`),
      flags: n === 1 ? ['\\Seen', 'Work'] : [],
      receivedAt: new Date(n),
    })
    const inbox = await store.folder('INBOX')
    expect(await store.appendAll('INBOX', [1, 2, 3].map(message))).toEqual({
      uidValidity: inbox.uidValidity,
      uids: [1, 2, 3],
      folderId: inbox.id,
    })
    const view = await store.view(inbox.id)
    expect(new Set(view.modseqs).size).toBe(1)
    expect(view.folder).toMatchObject({ messages: 3, unseen: 2, uidNext: 4 })
    expect(view.keywords.get(8)).toBe('Work')
    const { usedBytes } = await store.quota()
    await world.db
      .mail(account.region)
      .withTenant(
        account.tenantId,
        (tx) =>
          tx`update mailbox set quota_bytes = ${usedBytes + 2 * message(4).raw.length} where account_id = ${account.accountId}`,
      )
    await expect(store.appendAll('INBOX', [4, 5, 6].map(message))).rejects.toMatchObject({ code: 'OVER_QUOTA' })
    expect((await store.view(inbox.id)).uids).toBe(view.uids)
    // Replacing one by one of its size needs no room.
    await store.appendAll('INBOX', [4, 5].map(message))
    await expect(store.append('INBOX', message(6))).rejects.toMatchObject({ code: 'OVER_QUOTA' })
    expect(await store.replace(inbox.id, 2, 'INBOX', message(7))).toMatchObject({ uid: 6 })
    await expect(store.replace(inbox.id, 2, 'INBOX', message(8))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect([...(await store.view(inbox.id)).uids]).toEqual([1, 3, 4, 5, 6])
    expect(await store.replace(inbox.id, 6, 'Archive', message(9))).toMatchObject({ uid: 1 })
    expect([...(await store.view(inbox.id)).uids]).toEqual([1, 3, 4, 5])
    await expect(store.append('Nowhere', message(1))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(store.appendAll('Nowhere', [message(1)])).rejects.toMatchObject({ code: 'NOT_FOUND' })
    store.close()
  })

  it('makes a folder with a special use that no other has', async () => {
    const account = await newAccount()
    const store = await world.core.stores.open(account)
    await expect(store.createFolder('Mine', { specialUse: 'junk' })).rejects.toMatchObject({ code: 'CONFLICT' })
    await store.deleteFolder('Junk')
    expect(await store.createFolder('Spam/Here', { specialUse: 'junk' })).toMatchObject({ specialUse: 'junk' })
    expect(await store.folder('Spam')).toMatchObject({ specialUse: null })
    store.close()
  })
})
