import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sql } from '#db/client'
import { DAY_MS } from '#lib/clock'
import { LIMITS } from '#lib/limits'
import type { Delivery, Destination } from '#mailcore/ports'
import { checkMailbox } from '#mailcore/store/check'
import { type DeliveryGround, deliveryGround, type Person } from '#mailcore/store/testing'
import { runJobsOnce } from '#server/jobs/run'
import type { World } from '#tests/helpers/world'

let ground: DeliveryGround
let world: World
let admin: Sql
let delivery: Delivery
let newPerson: DeliveryGround['newPerson']

beforeAll(async () => {
  ground = await deliveryGround()
  ;({ world, admin, delivery } = ground)
  newPerson = ground.newPerson
})
afterAll(() => ground.close())

const SPAM: Destination = { folder: 'quarantine', cause: 'spam' }

const deliver = (person: Person, subject: string, into?: Destination) =>
  delivery.deliver({
    raw: Buffer.from(`From: =?utf-8?q?J=C3=BCrgen?= <a@x.example>\r\nSubject: ${subject}\r\n\r\nhello\r\n`),
    receivedAt: new Date(),
    mailboxes: [person.mailbox],
    into: into && new Map([[person.account.accountId, into]]),
  })
const count = async ({ store }: Person, path: string): Promise<number> => (await store.folder(path)).messages
const problems = async ({ account }: Person) =>
  (await checkMailbox({ db: world.db, keys: world.core.keys }, account)).problems

describe('mail that goes elsewhere than to INBOX', () => {
  it('is put where it belongs, all of one flush in order', async () => {
    const [ann, bob] = [await newPerson(), await newPerson()]
    await Promise.all([
      deliver(ann, 'i1'),
      deliver(ann, 'j1', { folder: 'junk' }),
      deliver(ann, 'q1', SPAM),
      deliver(bob, 'q2', { folder: 'quarantine', cause: 'dmarc' }),
      deliver(ann, 'j2', { folder: 'junk' }),
      deliver(ann, 'i2'),
      deliver(bob, 'i3'),
    ])
    expect([await count(ann, 'INBOX'), await count(ann, 'Junk')]).toEqual([2, 2])
    expect([await count(bob, 'INBOX'), await count(bob, 'Junk')]).toEqual([1, 0])
    expect(await ann.store.quarantined()).toMatchObject([
      { uid: 1, cause: 'spam', sender: 'Jürgen <a@x.example>', subject: 'q1' },
    ])
    expect((await bob.store.quarantined()).map((one) => one.cause)).toEqual(['dmarc'])
    expect([await problems(ann), await problems(bob)]).toEqual([[], []])
  })

  it('goes to INBOX where the owner has no folder for junk, with what goes there anyway', async () => {
    const ann = await newPerson()
    await ann.store.deleteFolder('Junk')
    await Promise.all([deliver(ann, 'i'), deliver(ann, 'j', { folder: 'junk' }), deliver(ann, 'k')])
    const inbox = await ann.store.folder('INBOX')
    expect(inbox.messages).toBe(3)
    expect((await ann.store.list(inbox.id)).messages.map((one) => one.uid)).toEqual([1, 2, 3])
    expect(await problems(ann)).toEqual([])
  })

  it('waits for no script', async () => {
    const ann = await newPerson()
    await ann.store.putScript('s', 'keep;')
    await ann.store.activateScript('s')
    await Promise.all([deliver(ann, 'i'), deliver(ann, 'j', { folder: 'junk' }), deliver(ann, 'q', SPAM)])
    expect(await ann.store.waiting(10)).toHaveLength(1)
    expect([await count(ann, 'INBOX'), await count(ann, 'Junk')]).toEqual([0, 1])
    const [held] = await ann.store.quarantined()
    expect(await ann.store.releaseQuarantined([held?.uid ?? 0])).toBe(1)
    expect([await count(ann, 'INBOX'), (await ann.store.waiting(10)).length]).toEqual([1, 1])
    expect(await problems(ann)).toEqual([])
  })
})

describe('quarantine', () => {
  it('is seen by nobody but in its list, and counts as used', async () => {
    const ann = await newPerson()
    const before = await ann.store.folders()
    await deliver(ann, 'q', SPAM)
    expect(await ann.store.folders()).toEqual(before)
    expect(before.map((folder) => folder.path)).toEqual(['INBOX', 'Archive', 'Drafts', 'Junk', 'Sent', 'Trash'])
    expect(await ann.store.quota()).toMatchObject({ messages: 1 })
    expect((await ann.store.quota()).usedBytes).toBeGreaterThan(0)
    await expect(ann.store.folder('\u0000quarantine')).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    const [row] =
      await admin`select id from folder where account_id = ${ann.account.accountId} and special_use = 'quarantine'`
    await expect(ann.store.setGrant(row?.id, { grantee: 'anyone', rights: 'lr' }, 'x@y.example')).rejects.toMatchObject(
      {
        code: 'NOT_FOUND',
      },
    )
  })

  it('lets go what its owner wants, once, and deletes the rest recoverably', async () => {
    const [ann, eve] = [await newPerson(), await newPerson()]
    for (const subject of ['a', 'b', 'c', 'd']) await deliver(ann, subject, SPAM)
    expect(await eve.store.releaseQuarantined([1, 2, 3, 4])).toBe(0)
    const twice = await Promise.all([ann.store.releaseQuarantined([1, 2, 99]), ann.store.releaseQuarantined([2, 1])])
    expect(twice.toSorted()).toEqual([0, 2])
    expect(await count(ann, 'INBOX')).toBe(2)
    expect(await ann.store.deleteQuarantined([1, 3])).toBe(1)
    expect((await ann.store.quarantined()).map((one) => one.subject)).toEqual(['d'])
    const [deleted] = await ann.store.recoverable({ limit: 10 })
    await ann.store.recover(deleted ? [deleted.emailId] : [], 'INBOX')
    expect([await count(ann, 'INBOX'), (await ann.store.quota()).messages]).toEqual([3, 4])
    expect(await problems(ann)).toEqual([])
  })

  it('ends after its days, and is made for mailboxes that have none', async () => {
    const [ann, old] = [await newPerson(), await newPerson()]
    await admin`delete from folder where account_id = ${old.account.accountId} and special_use = 'quarantine'`
    // Until it is made, Junk stands in for it.
    await deliver(old, 'early', SPAM)
    expect([await count(old, 'Junk'), await old.store.quarantined()]).toEqual([1, []])
    await deliver(ann, 'stale', SPAM)
    await deliver(ann, 'fresh', SPAM)
    const past = new Date(world.clock.now().getTime() - LIMITS.quarantineDays * DAY_MS - 60_000)
    await admin`update quarantined set arrived_at = ${past} where account_id = ${ann.account.accountId} and uid = 1`
    expect(await runJobsOnce(world.ctx)).toMatchObject({ 'purge-quarantined': 1 })
    expect((await ann.store.quarantined()).map((one) => one.subject)).toEqual(['fresh'])
    expect(await ann.store.recoverable({ limit: 10 })).toHaveLength(1)
    await deliver(old, 'late', SPAM)
    expect((await old.store.quarantined()).map((one) => one.subject)).toEqual(['late'])
    expect([await problems(ann), await problems(old)]).toEqual([[], []])
  })

  it('that disagrees with its list is found', async () => {
    const ann = await newPerson()
    await deliver(ann, 'q', SPAM)
    await admin`update quarantined set uid = 7 where account_id = ${ann.account.accountId}`
    expect((await problems(ann)).map((one) => one.kind).toSorted()).toEqual([
      'cause without a message in quarantine',
      'message in quarantine without a cause',
    ])
    await admin`update quarantined set uid = 1 where account_id = ${ann.account.accountId}`
  })

  it('forgets after a day what mailboxes took', async () => {
    const ann = await newPerson()
    await delivery.deliver({
      raw: Buffer.from('Subject: x\r\n\r\n'),
      receivedAt: new Date(),
      mailboxes: [ann.mailbox],
      onceKey: Buffer.alloc(16, 1),
    })
    expect(await runJobsOnce(world.ctx)).toMatchObject({ 'sweep-accepted': 0 })
    await admin`update accepted set accepted_at = now() - interval '25 hours'`
    expect(await runJobsOnce(world.ctx)).toMatchObject({ 'sweep-accepted': 1 })
  })
})
