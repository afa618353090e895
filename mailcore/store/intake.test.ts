import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sql } from '#db/client'
import { LIMITS } from '#lib/limits'
import type { Delivery, Mailbox } from '#mailcore/ports'
import { checkMailbox } from '#mailcore/store/check'
import { type DeliveryGround, deliveryGround } from '#mailcore/store/testing'
import { faultOf, type TestAccount, type World } from '#tests/helpers/world'

let ground: DeliveryGround
let world: World
let admin: Sql
let delivery: Delivery
let newAccount: DeliveryGround['newPerson']

beforeAll(async () => {
  ground = await deliveryGround()
  ;({ world, admin, delivery } = ground)
  newAccount = ground.newPerson
})
afterAll(() => ground.close())

const letter = (subject: string) => Buffer.from(`From: a@x.example\r\nSubject: ${subject}\r\n\r\nhello\r\n`)

const deliver = (mailbox: Mailbox, subject: string, sender = 'canarysender@stranger.example') =>
  delivery.deliver({
    raw: letter(subject),
    receivedAt: new Date(),
    mailboxes: [mailbox],
    envelope: { sender, recipientsOf: () => ['canaryrecipient@ours.example'] },
  })

const problems = async (account: TestAccount) =>
  (await checkMailbox({ db: world.db, keys: world.core.keys }, account)).problems

describe('scripts', () => {
  it('keeps, renames, activates and deletes them, sealed', async () => {
    const { store, account } = await newAccount()
    await store.putScript('Canaryname', '# canarytext')
    await store.putScript('other', 'keep;')
    await store.putScript('other', 'discard;')
    expect(await store.script('other')).toBe('discard;')
    expect((await faultOf(store.script('nothing'))).code).toBe('NOT_FOUND')
    expect((await faultOf(store.renameScript('other', 'Canaryname'))).code).toBe('CONFLICT')
    await store.activateScript('Canaryname')
    await store.renameScript('Canaryname', 'Canarynew')
    expect(await store.scripts()).toEqual([
      { name: 'Canarynew', active: true, size: 12 },
      { name: 'other', active: false, size: 8 },
    ])
    expect(await store.activeScript()).toEqual({ name: 'Canarynew', text: '# canarytext' })
    expect((await faultOf(store.deleteScript('Canarynew'))).code).toBe('FORBIDDEN')
    await store.activateScript('other')
    expect((await store.scripts()).filter((s) => s.active).map((s) => s.name)).toEqual(['other'])
    await store.deleteScript('Canarynew')
    const [row] =
      await admin`select string_agg(t::text, ' ') || string_agg(encode(sealed, 'escape'), ' ') as text from sieve_script t`
    expect(row?.text).not.toMatch(/canary|discard/i)
    expect(await problems(account)).toEqual([])
  })

  it('refuses what is too much', async () => {
    const { store } = await newAccount()
    expect((await faultOf(store.putScript('a', 'x'.repeat(1024 * 1024 + 1)))).code).toBe('LIMIT')
    expect((await faultOf(store.putScript('a\nb', ''))).code).toBe('BAD_REQUEST')
    for (let i = 0; i < 100; i++) await store.putScript(`s${i}`, '')
    expect((await faultOf(store.putScript('one more', ''))).code).toBe('LIMIT')
    await store.putScript('s1', 'keep;')
  })
})

describe('delivery to a mailbox with a script', () => {
  it('waits in a hidden folder with its sealed envelope; one without a script gets it in INBOX', async () => {
    const scripted = await newAccount()
    const plain = await newAccount()
    await scripted.store.putScript('s', 'keep;')
    await scripted.store.activateScript('s')
    const before = (await scripted.store.folders()).map((folder) => folder.path)
    await delivery.deliver({
      raw: letter('both'),
      receivedAt: new Date(),
      mailboxes: [scripted.mailbox, plain.mailbox],
      envelope: {
        sender: 'canarysender@stranger.example',
        recipientsOf: (id) =>
          id === scripted.mailbox.accountId ? ['canaryrecipient@ours.example'] : ['other@x.example'],
      },
    })
    expect((await plain.store.folder('INBOX')).messages).toBe(1)
    expect(await plain.store.waiting(10)).toEqual([])
    expect((await scripted.store.folder('INBOX')).messages).toBe(0)
    expect((await scripted.store.folders()).map((folder) => folder.path)).toEqual(before)
    expect((await faultOf(scripted.store.folder('\u0000intake'))).code).toMatch(/BAD_REQUEST|NOT_FOUND/)
    const [waiting] = await scripted.store.waiting(10)
    expect(waiting).toMatchObject({
      sender: 'canarysender@stranger.example',
      recipients: ['canaryrecipient@ours.example'],
      attempts: 0,
    })
    expect((await scripted.store.quota()).messages).toBe(1)
    const [row] = await admin`select string_agg(encode(envelope_sealed, 'escape'), ' ') as text from intake`
    expect(row?.text.length).toBeGreaterThan(50)
    expect(row?.text).not.toContain('canary')
    expect(await problems(scripted.account)).toEqual([])
  })

  it('goes back to INBOX when the script is switched off; what waits stays until it is filed', async () => {
    const { store, mailbox, account } = await newAccount()
    await store.putScript('s', 'keep;')
    await store.activateScript('s')
    await deliver(mailbox, 'one')
    await store.activateScript(null)
    await deliver(mailbox, 'two')
    expect((await store.folder('INBOX')).messages).toBe(1)
    const [waiting] = await store.waiting(10)
    if (!waiting) throw new Error('nothing waits')
    expect(await store.fileWaiting(waiting, [{ path: 'INBOX', flags: [] }])).toBe(true)
    expect((await store.folder('INBOX')).messages).toBe(2)
    await store.activateScript('s')
    await deliver(mailbox, 'three')
    expect(await store.waiting(10)).toHaveLength(1)
    expect(await problems(account)).toEqual([])
  })

  it('never puts one message where the switch does not say, while it is turned under load', async () => {
    const { store, mailbox, account } = await newAccount()
    await store.putScript('s', 'keep;')
    const sends = Array.from({ length: 60 }, (_, i) => deliver(mailbox, `m${i}`))
    for (let i = 0; i < 8; i++) await store.activateScript(i % 2 === 0 ? 's' : null)
    await Promise.all(sends)
    const inbox = (await store.folder('INBOX')).messages
    expect(inbox + (await store.waiting(100)).length).toBe(60)
    expect(await problems(account)).toEqual([])
  })
})

describe('filing', () => {
  async function oneWaiting() {
    const made = await newAccount()
    await made.store.putScript('s', 'keep;')
    await made.store.activateScript('s')
    await deliver(made.mailbox, 'one')
    const [waiting] = await made.store.waiting(10)
    if (!waiting) throw new Error('nothing waits')
    return { ...made, waiting }
  }

  it('puts a message into several folders with their flags, once, whoever tries at the same time', async () => {
    const { store, account, waiting } = await oneWaiting()
    const other = await world.core.open(account)
    const into = [
      { path: 'INBOX', flags: ['\\Seen', 'work'] },
      { path: 'Archive', flags: [] },
      { path: 'inbox', flags: ['\\Flagged'] },
    ]
    const answers = await Promise.all([store, other, store, other].map((one) => one.fileWaiting(waiting, into)))
    expect(answers.filter(Boolean)).toHaveLength(1)
    const inbox = await store.folder('INBOX')
    expect(inbox).toMatchObject({ messages: 1, unseen: 0 })
    const { messages } = await store.list(inbox.id)
    expect(messages[0]?.flags).toEqual(['\\Seen', '\\Flagged', 'work'])
    expect(await store.folder('Archive')).toMatchObject({ messages: 1, unseen: 1 })
    expect((await store.quota()).messages).toBe(2)
    expect(await store.waiting(10)).toEqual([])
    expect(await problems(account)).toEqual([])
    const [left] = await admin`select count(*) n from change c join folder f on f.id = c.folder_id
      where f.special_use = 'intake' and f.account_id = ${account.accountId}`
    expect(left?.n).toBe(0)
  })

  it('discards so that it can be recovered', async () => {
    const { store, account, waiting } = await oneWaiting()
    expect(await store.fileWaiting(waiting, [])).toBe(true)
    const [gone] = await store.recoverable({ limit: 10 })
    if (!gone) throw new Error('not recoverable')
    await store.recover([gone.emailId], 'INBOX')
    expect((await store.folder('INBOX')).messages).toBe(1)
    expect(await problems(account)).toEqual([])
  })

  it('changes nothing when a folder is missing or the copies have no room', async () => {
    const { store, account, waiting } = await oneWaiting()
    const missing = store.fileWaiting(waiting, [
      { path: 'INBOX', flags: [] },
      { path: 'nowhere', flags: [] },
    ])
    expect((await faultOf(missing)).code).toBe('NOT_FOUND')
    await world.core.updateMailbox(account, { quotaBytes: 1 })
    const both = [
      { path: 'INBOX', flags: [] },
      { path: 'Archive', flags: [] },
    ]
    expect((await faultOf(store.fileWaiting(waiting, both))).code).toBe('OVER_QUOTA')
    expect(await store.waiting(10)).toHaveLength(1)
    expect(await store.fileWaiting(waiting, both.slice(0, 1))).toBe(true)
    expect(await problems(account)).toEqual([])
  })

  it('remembers in the commit that files, counts attempts, and shows a damaged envelope as tried enough', async () => {
    const { store, account, waiting } = await oneWaiting()
    const soon = new Date(Date.now() + 60_000)
    const memory = { key: 'k', expiresAt: soon, renew: false }
    await faultOf(store.fileWaiting(waiting, [{ path: 'nowhere', flags: [] }], [memory]))
    expect(await store.remembered('duplicate', 'k')).toBe(false)
    expect(await store.failedWaiting(waiting)).toBe(1)
    expect(await store.failedWaiting(waiting)).toBe(2)
    await admin`update intake set envelope_sealed = '\\x01' where account_id = ${account.accountId}`
    expect(await store.waiting(1)).toMatchObject([{ sender: '', attempts: 3 }])
    await store.fileWaiting(waiting, [{ path: 'INBOX', flags: [] }], [memory])
    expect(await store.remembered('duplicate', 'k')).toBe(true)
    expect(await store.remembered('vacation', 'k')).toBe(false)
    expect(await store.remember('vacation', 'k', soon)).toBe(false)
    expect(await store.remember('vacation', 'k', soon)).toBe(true)
    expect(await store.remember('vacation', 'over', new Date(Date.now() - 1))).toBe(false)
    expect(await store.remember('vacation', 'over', soon)).toBe(false)
  })

  it('remembers so much and no more, however many strangers write', async () => {
    const { store, account } = await oneWaiting()
    const { tenantId, accountId } = account
    await admin`
      insert into sieve_memory (tenant_id, account_id, kind, key_hash, expires_at)
      select ${tenantId}, ${accountId}, 'duplicate', int4send(n), now() + interval '1 hour' + n * interval '1 second' from generate_series(1, ${LIMITS.memoriesPerAccount}::int) n`
    const late = new Date(Date.now() + 2 * 86_400_000)
    expect(await store.remember('vacation', 'new', late)).toBe(false)
    const [row] = await admin<{ count: number; first: boolean }[]>`
      select count(*)::int count, bool_or(key_hash = int4send(1)) first from sieve_memory where account_id = ${accountId}`
    expect(row).toEqual({ count: LIMITS.memoriesPerAccount, first: false })
    expect(await store.remember('vacation', 'new', late)).toBe(true)
  })
})
