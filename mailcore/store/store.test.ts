import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { connect, type Databases, openDatabases } from '#db/client'
import { setupDatabases } from '#db/setup'
import { type AccountId, newId, type RegionId, type TenantId } from '#lib/ids'
import { silentLog } from '#lib/log'
import { memoryKms } from '#mailcore/keys/root'
import { createKeyService, type KeyService } from '#mailcore/keys/service'
import type { Mailbox, MailStore } from '#mailcore/ports'
import { checkMailbox } from '#mailcore/store/check'
import { createDelivery } from '#mailcore/store/delivery'
import { createMailStores } from '#mailcore/store/mail-store'
import { eraseMailbox, provisionMailbox, purgeDeleted, updateMailbox } from '#mailcore/store/provision'

const region = 'eu' as RegionId
const prefix = `st_${randomBytes(4).toString('hex')}`
const secrets = mkdtempSync(join(tmpdir(), 'mt-store-'))
let db: Databases
let keys: KeyService

beforeAll(async () => {
  const admin = inject('adminUrls')
  const urls = await setupDatabases({
    adminUrls: { control: admin.main, keys: admin.keys, mail: { eu: admin.main } },
    regions: [{ id: 'eu', name: 'Frankfurt', legalEntity: 'Test', jurisdiction: 'Germany' }],
    prefix,
    secretsFile: join(secrets, 'db.json'),
    log: () => undefined,
  })
  db = openDatabases(urls)
  keys = createKeyService(db, memoryKms())
})

afterAll(async () => {
  await db.close()
  rmSync(secrets, { recursive: true })
  const admin = inject('adminUrls')
  for (const [url, names] of [
    [admin.main, ['control', 'mail_eu']],
    [admin.keys, ['keys']],
  ] as const) {
    const sql = connect(url, { max: 1, name: 'drop' })
    for (const name of names) await sql.unsafe(`drop database "${prefix}_${name}" with (force)`)
    await sql.end()
  }
})

async function newMailbox(
  settings = { quotaBytes: 10_000_000, recoverDays: 14 },
): Promise<{ mailbox: Mailbox; store: MailStore; fsck: () => Promise<void> }> {
  const tenantId = newId<TenantId>()
  const accountId = newId<AccountId>()
  await keys.createTenant(tenantId)
  const { publicKey, keyVersion } = await keys.createAccount(tenantId, accountId)
  const account = { tenantId, accountId, region }
  await provisionMailbox({ db, keys }, account, settings)
  const store = await createMailStores({ db, keys, log: silentLog }).open(account)
  return {
    mailbox: { ...account, publicKey, keyVersion },
    store,
    fsck: async () => expect((await checkMailbox({ db, keys }, account)).problems).toEqual([]),
  }
}

const message = (subject: string, size = 300) =>
  Buffer.from(
    `From: A <a@stranger.example>\r\nTo: b@ours.example\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@x.example>\r\n\r\n${'word '.repeat(size / 5)}\r\n`,
  )

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

const idOf = async (store: MailStore, path: string) => (await store.folder(path)).id

describe('delivery and reading', () => {
  it('stores concurrent deliveries once each, in order of uid, and gives back the very bytes', async () => {
    const { mailbox, store, fsck } = await newMailbox()
    const other = await newMailbox()
    const delivery = createDelivery({ db, log: silentLog })
    const raws = Array.from({ length: 150 }, (_, i) => message(`m${i}`, 100 + i * 10))
    await Promise.all(
      raws.map((raw, i) =>
        delivery.deliver({
          raw,
          receivedAt: new Date(),
          mailboxes: i % 3 === 0 ? [mailbox, other.mailbox] : [mailbox],
        }),
      ),
    )
    const inbox = await store.folder('INBOX')
    expect(inbox).toMatchObject({ messages: 150, unseen: 150, uidNext: 151 })
    const { messages } = await store.list(inbox.id)
    expect(messages.map((m) => m.uid)).toEqual(Array.from({ length: 150 }, (_, i) => i + 1))
    const fetched = await collect(
      store.fetch(
        inbox.id,
        messages.map((m) => m.uid),
        { body: true, meta: true },
      ),
    )
    expect(new Set(fetched.map((m) => m.raw?.toString('latin1')))).toEqual(
      new Set(raws.map((raw) => raw.toString('latin1'))),
    )
    expect(fetched[0]?.meta?.envelope).toContain('stranger.example')
    expect((await other.store.folder('INBOX')).messages).toBe(50)
    await fsck()
    await other.fsck()
  })

  it('keeps nothing readable in the mail database', async () => {
    const { mailbox, store } = await newMailbox()
    await createDelivery({ db, log: silentLog }).deliver({
      raw: message('Canarysubject'),
      receivedAt: new Date(),
      mailboxes: [mailbox],
    })
    await store.createFolder('Canaryfolder')
    const admin = inject('adminUrls')
    const sql = connect(admin.main.replace(/\/[^/?]*(\?|$)/, `/${prefix}_mail_eu$1`), { max: 1, name: 'canary' })
    for (const table of ['body', 'meta_row', 'folder', 'message', 'change']) {
      const [row] = await sql.unsafe<{ text: string | null }[]>(`select string_agg(t::text, ' ') text from ${table} t`)
      const text = row?.text ?? ''
      expect(text.length).toBeGreaterThan(0)
      for (const canary of ['Canarysubject', 'Canaryfolder', 'stranger.example', 'word']) {
        expect(text).not.toContain(canary)
        expect(text).not.toContain(Buffer.from(canary).toString('hex'))
      }
    }
    await sql.end()
  })

  it('refuses a message that does not fit, and stores none of its copies', async () => {
    const small = await newMailbox({ quotaBytes: 100, recoverDays: 0 })
    const roomy = await newMailbox()
    const delivery = createDelivery({ db, log: silentLog })
    await expect(
      delivery.deliver({ raw: message('big'), receivedAt: new Date(), mailboxes: [roomy.mailbox, small.mailbox] }),
    ).rejects.toMatchObject({ code: 'OVER_QUOTA' })
    expect((await roomy.store.folder('INBOX')).messages).toBe(0)
    await expect(
      small.store.append('INBOX', { raw: message('big'), flags: [], receivedAt: new Date() }),
    ).rejects.toMatchObject({ code: 'OVER_QUOTA' })
    await small.fsck()
  })
})

describe('flags, moves and deletion', () => {
  it('lets exactly one of many UNCHANGEDSINCE stores win, and loses no concurrent flag', async () => {
    const { store, fsck } = await newMailbox()
    await store.append('INBOX', { raw: message('one'), flags: [], receivedAt: new Date() })
    const inbox = await store.folder('INBOX')
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        store.setFlags(inbox.id, [1], { action: 'add', flags: [`k${i}`], unchangedSince: inbox.highestModseq }),
      ),
    )
    expect(results.filter((r) => r.modified.length === 0)).toHaveLength(1)
    await Promise.all([
      store.setFlags(inbox.id, [1], { action: 'add', flags: ['\\Seen'] }),
      store.setFlags(inbox.id, [1], { action: 'add', flags: ['\\Flagged', '$Work'] }),
    ])
    const { messages, folder } = await store.list(inbox.id)
    expect(messages[0]?.flags).toEqual(expect.arrayContaining(['\\Seen', '\\Flagged', '$Work']))
    expect(folder.unseen).toBe(0)
    await fsck()
  })

  it('moves with keywords, and a watcher of both folders never misses the message', async () => {
    const { store, fsck } = await newMailbox()
    for (let i = 0; i < 5; i++)
      await store.append('INBOX', { raw: message(`m${i}`), flags: ['$Work', '\\Seen'], receivedAt: new Date() })
    await store.append('Archive', { raw: message('there'), flags: ['$Other'], receivedAt: new Date() })
    const inbox = await idOf(store, 'INBOX')
    const placed = await store.move(inbox, [2, 4], 'Archive')
    expect(placed).toMatchObject({ sourceUids: [2, 4], uids: [2, 3] })
    const archive = await store.list(await idOf(store, 'Archive'))
    expect(archive.messages.map((m) => m.flags)).toEqual([['$Other'], ['\\Seen', '$Work'], ['\\Seen', '$Work']])
    expect((await store.list(inbox)).messages.map((m) => m.uid)).toEqual([1, 3, 5])
    expect(await store.move(inbox, [], 'Archive')).toMatchObject({ uids: [] })
    const changes = await store.changes(inbox, 0n)
    expect(changes.at(-1)).toMatchObject({ kind: 'expunged', uids: [2, 4] })
    const copied = await store.copy(inbox, [1, 3], 'Archive')
    expect(copied.uids).toEqual([4, 5])
    await fsck()
  })

  it('keeps deleted mail for its days, gives it back, and purges body and key afterwards', async () => {
    const { mailbox, store, fsck } = await newMailbox()
    for (let i = 0; i < 3; i++)
      await store.append('INBOX', { raw: message(`m${i}`), flags: [], receivedAt: new Date() })
    const inbox = await idOf(store, 'INBOX')
    await store.setFlags(inbox, [1, 2], { action: 'add', flags: ['\\Deleted'] })
    expect(await store.expunge(inbox, [])).toEqual([])
    expect(await store.expunge(inbox)).toEqual([1, 2])
    const gone = await store.recoverable({ limit: 10 })
    expect(gone.map((g) => /Subject: (\S+)/.exec(g.meta.header)?.[1]).sort()).toEqual(['m0', 'm1'])
    await fsck()
    const back = gone.find((g) => g.meta.header.includes('m0'))
    const placed = await store.recover(back ? [back.emailId] : [], 'INBOX')
    expect(placed.uids).toEqual([4])
    const [again] = await collect(store.fetch(inbox, [4], { body: true }))
    expect(again?.raw?.toString()).toBe(message('m0').toString())
    const later = new Date(Date.now() + 15 * 86_400_000)
    expect(await purgeDeleted(db, mailbox.tenantId, region, new Date())).toBe(0)
    expect(await purgeDeleted(db, mailbox.tenantId, region, later)).toBe(1)
    expect(await store.recoverable({ limit: 10 })).toEqual([])
    await fsck()
  })

  it('with no days at all, deleted mail is gone at once; fewer days bring older deletions forward', async () => {
    const { mailbox, store, fsck } = await newMailbox()
    for (let i = 0; i < 2; i++)
      await store.append('INBOX', { raw: message(`m${i}`), flags: [], receivedAt: new Date() })
    const inbox = await idOf(store, 'INBOX')
    await store.remove(inbox, [1])
    expect(await store.recoverable({ limit: 10 })).toHaveLength(1)
    await updateMailbox(db, mailbox, { recoverDays: 0 })
    expect(await store.recoverable({ limit: 10 })).toHaveLength(0)
    await store.remove(inbox, [2])
    expect(await purgeDeleted(db, mailbox.tenantId, region, new Date(Date.now() + 1000))).toBe(1)
    const report = await checkMailbox({ db, keys }, mailbox)
    expect(report).toMatchObject({ problems: [], bodies: 0 })
    await fsck()
  })
})

describe('folders', () => {
  it('creates with parents, renames with children, never reuses UIDVALIDITY', async () => {
    const { store, fsck } = await newMailbox()
    await store.createFolder('Work/2026/Plans')
    await expect(store.createFolder('work')).resolves.toMatchObject({ path: 'work' })
    await expect(store.createFolder('Work')).rejects.toMatchObject({ code: 'CONFLICT' })
    await store.renameFolder('Work', 'Projekte')
    const before = await store.folder('Projekte/2026/Plans')
    await expect(store.deleteFolder('Projekte')).rejects.toMatchObject({ code: 'CONFLICT' })
    await store.deleteFolder('Projekte/2026/Plans')
    const after = await store.createFolder('Projekte/2026/Plans')
    expect(after.uidValidity).toBeGreaterThan(before.uidValidity)
    await expect(store.deleteFolder('inbox')).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await store.append('INBOX', { raw: message('x'), flags: [], receivedAt: new Date() })
    await store.renameFolder('INBOX', 'Old')
    expect((await store.folder('Old')).messages).toBe(1)
    expect((await store.folder('INBOX')).messages).toBe(0)
    await fsck()
  })

  it('tells other sessions of a change', async () => {
    const { store } = await newMailbox()
    const inbox = await idOf(store, 'INBOX')
    const heard = new Promise(
      (resolve) =>
        void store
          .onChange(resolve)
          .then(() => store.append('INBOX', { raw: message('x'), flags: [], receivedAt: new Date() })),
    )
    expect(await heard).toBe(inbox)
  })
})

describe('erasure', () => {
  it('leaves nothing of an account in its mail database, twice', async () => {
    const { mailbox, store } = await newMailbox()
    const neighbour = await newMailbox()
    await neighbour.store.append('INBOX', { raw: message('n'), flags: [], receivedAt: new Date() })
    for (let i = 0; i < 3; i++)
      await store.append('INBOX', { raw: message(`m${i}`), flags: [], receivedAt: new Date() })
    await store.remove(await idOf(store, 'INBOX'), [2])
    expect(await keys.destroyAccount(mailbox.tenantId, mailbox.accountId)).toBe(2)
    expect(await eraseMailbox(db, mailbox)).toMatchObject({ messages: 2 })
    expect(await eraseMailbox(db, mailbox)).toMatchObject({ messages: 0 })
    await expect(keys.mailboxKeys(mailbox.tenantId, mailbox.accountId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await neighbour.fsck()
  })
})
