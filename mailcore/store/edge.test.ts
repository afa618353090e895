import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { lockMailbox } from '#db/mail/queries/folder'
import type { MailStore } from '#mailcore/ports'
import { createWorld, faultOf, type TestAccount, type TestTenant, type World } from '#tests/helpers/world'

let world: World
let tenant: TestTenant
let domain: string
let account: TestAccount
let store: MailStore
let made = 0
beforeAll(async () => {
  world = await createWorld()
  const house = await world.makeHouse()
  tenant = house.tenant
  domain = house.domain
})
// Closing checks every invariant of every mailbox these tests leave behind.
afterAll(() => world.close())
beforeEach(async () => {
  account = await world.makeAccount(tenant, { address: `edge${++made}@${domain}` })
  store = await world.core.stores.open(account)
})

const put = async (path: string, subject: string, flags: string[] = []) =>
  (
    await store.append(path, {
      raw: Buffer.from(`Subject: ${subject}\r\n\r\nbody of ${subject}\r\n`),
      flags,
      receivedAt: new Date(1_700_000_000_000),
    })
  ).uid
const idOf = async (path: string) => (await store.folder(path)).id
const uidsIn = async (path: string) => (await store.list(await idOf(path))).messages.map(({ uid }) => uid)

/** Asked in a transaction of its own each time: one transaction sees one moment of the activity only. */
const waitingForLocks = async (): Promise<number | undefined> => {
  const rows = await world.db.mail(account.region).withTenant(
    account.tenantId,
    (tx) => tx<{ n: number }[]>`select count(*)::int n from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`,
  )
  return rows[0]?.n
}

describe('copying and moving within one folder', () => {
  it('copies to new uids, with flags and keywords, and counts both', async () => {
    const uid = await put('INBOX', 'one', ['\\Seen', 'Work'])
    const inbox = await store.folder('INBOX')
    const placed = await store.copy(inbox.id, [uid], 'INBOX')
    expect(placed).toEqual({ uidValidity: inbox.uidValidity, sourceUids: [1], uids: [2] })
    const { folder, messages } = await store.list(inbox.id)
    expect(messages.map(({ uid, flags }) => [uid, flags])).toEqual([
      [1, ['\\Seen', 'Work']],
      [2, ['\\Seen', 'Work']],
    ])
    expect(folder).toMatchObject({ messages: 2, unseen: 0, size: inbox.size * 2 })
  })

  it('moves to new uids, and a follower hears of both halves in order', async () => {
    const uid = await put('INBOX', 'one')
    const inbox = await store.folder('INBOX')
    const placed = await store.move(inbox.id, [uid], 'INBOX')
    expect(placed).toMatchObject({ sourceUids: [1], uids: [2] })
    expect(await uidsIn('INBOX')).toEqual([2])
    const changes = await store.changes(inbox.id, inbox.highestModseq)
    expect(changes.map(({ kind, uids }) => [kind, uids])).toEqual([
      ['added', [2]],
      ['expunged', [1]],
    ])
    const { folder } = await store.list(inbox.id)
    expect(folder.highestModseq).toBe(changes.at(-1)?.modseq)
    expect(folder).toMatchObject({ messages: 1, size: inbox.size })
  })
})

describe('nothing to do', () => {
  it.each([
    ['a copy of nobody', (id: never) => store.copy(id, [99], 'Archive')],
    ['a move of nobody', (id: never) => store.move(id, [99], 'Archive')],
    ['a move of nobody within a folder', (id: never) => store.move(id, [99], 'INBOX')],
    ['a move of no uids', (id: never) => store.move(id, [], 'Archive')],
    ['an expunge of nobody', (id: never) => store.expunge(id, [1])],
    ['a removal of nobody', (id: never) => store.remove(id, [99])],
    ['flags that stand already', (id: never) => store.setFlags(id, [1], { action: 'add', flags: ['\\Seen'] })],
  ])('%s changes no mod-sequence', async (_, act) => {
    await put('INBOX', 'one', ['\\Seen'])
    const before = await store.folders()
    await act((await idOf('INBOX')) as never)
    expect(await store.folders()).toEqual(before)
  })

  it('renames an empty INBOX into a new folder', async () => {
    const before = await store.folder('INBOX')
    await store.renameFolder('INBOX', 'Old')
    expect(await store.folder('INBOX')).toEqual(before)
    expect(await store.folder('Old')).toMatchObject({ messages: 0 })
  })
})

describe('a folder that is gone', () => {
  it('gives back its messages elsewhere, and refuses to be the place itself', async () => {
    await store.createFolder('Trip')
    await put('Trip', 'ticket')
    await store.deleteFolder('Trip')
    const [lost] = await store.recoverable({ limit: 10 })
    if (!lost) throw new Error('nothing to recover')
    expect(await faultOf(store.recover([lost.emailId], 'Trip'))).toMatchObject({ code: 'NOT_FOUND' })
    expect((await store.recover([lost.emailId], 'INBOX')).uids).toEqual([1])
    expect(await store.recoverable({ limit: 10 })).toEqual([])
    expect((await store.recover([lost.emailId], 'INBOX')).uids).toEqual([])
  })

  it('refuses what is copied or moved into it or out of it', async () => {
    const uid = await put('INBOX', 'one')
    await store.createFolder('Trip')
    const trip = await idOf('Trip')
    await store.deleteFolder('Trip')
    const inbox = await idOf('INBOX')
    for (const act of [
      () => store.copy(inbox, [uid], 'Trip'),
      () => store.move(inbox, [uid], 'Trip'),
      () => store.copy(trip, [1], 'INBOX'),
      () => store.move(trip, [1], 'INBOX'),
      () => store.setFlags(trip, [1], { action: 'add', flags: ['\\Seen'] }),
      () => store.expunge(trip),
    ])
      expect(await faultOf(act())).toMatchObject({ code: 'NOT_FOUND' })
    expect(await uidsIn('INBOX')).toEqual([uid])
  })

  it.each([
    ['plain', []],
    ['with a keyword', ['Work']],
  ])('refuses a message that was on its way when it went (%s)', async (_, flags) => {
    await store.createFolder('Trip')
    const before = await store.quota()
    let appending: Promise<unknown> | undefined
    // The appender has found the folder and waits for the mailbox's row while the folder goes.
    await world.db.mail(account.region).withTenant(account.tenantId, async (tx) => {
      await lockMailbox(tx, account)
      appending = put('Trip', 'late', flags).catch((error: unknown) => error)
      await expect.poll(waitingForLocks).toBe(1)
      await tx`delete from folder where tenant_id = ${account.tenantId} and id = ${await idOf('Trip')}`
    })
    expect(await appending).toMatchObject({ code: 'NOT_FOUND' })
    expect(await store.quota()).toEqual(before)
  })
})
