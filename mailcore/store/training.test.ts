import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MailStore } from '#mailcore/ports'
import { createWorld, type TestAccount, type World } from '#tests/helpers/world'

let world: World
let ann: TestAccount
let ben: TestAccount
let cleo: TestAccount
let store: MailStore
beforeAll(async () => {
  world = await createWorld()
  const { tenant, domain } = await world.makeHouse()
  ann = await world.makeAccount(tenant, { address: `ann@${domain}` })
  ben = await world.makeAccount(tenant, { address: `ben@${domain}` })
  cleo = await world.makeAccount(tenant, { address: `cleo@${domain}` })
  store = await world.core.open(ann)
})
afterAll(async () => {
  store.close()
  await world.close()
})

const message = (text: string, n: number) =>
  Buffer.from(`From: s${n}@x.test\r\nSubject: number ${n}\r\nMessage-ID: <${n}@x>\r\n\r\n${text} ${n}\r\n`)
const SPAM = 'cheap canarypills winner lottery casino miracle investment'
const HAM = 'minutes of the garden meeting, roses and hedges, see you'

async function put(text: string, n: number): Promise<number> {
  return (await store.append('INBOX', { raw: message(text, n), flags: [], receivedAt: new Date() })).uid
}

describe('what an owner marks as spam', () => {
  it('is learnt by moves into Junk and out of INBOX, and by nobody else', async () => {
    const inbox = (await store.folder('INBOX')).id
    expect(await store.looksLikeSpam(message(SPAM, 100))).toBe(false)
    // Filing mail teaches nothing before anything was ever called spam, and keeps nothing.
    await store.move(inbox, [await put(HAM, 0)], 'Archive')
    const rows = () =>
      world.db
        .mail(ann.region)
        .withTenant(ann.tenantId, (tx) => tx<{ sealed: Buffer }[]>`select sealed from delivery_rule`)
    expect(await rows()).toHaveLength(0)
    for (let n = 1; n <= 12; n++) await store.move(inbox, [await put(SPAM, n)], 'Junk')
    expect(await store.looksLikeSpam(message(SPAM, 100))).toBe(false)
    for (let n = 21; n <= 32; n++) await store.move(inbox, [await put(HAM, n)], 'Archive')
    expect(await store.looksLikeSpam(message(SPAM, 100))).toBe(true)
    expect(await store.looksLikeSpam(message(HAM, 101))).toBe(false)
    const kept = await rows()
    expect(kept).toHaveLength(1)
    expect(kept[0]?.sealed.includes('canarypills')).toBe(false)
    const other = await world.core.open(ben)
    expect(await other.looksLikeSpam(message(SPAM, 100))).toBe(false)
    other.close()
  })

  it('is learnt by copies into Junk and out of it, and by no other copy', async () => {
    const mine = await world.core.open(cleo)
    const into = async (path: string, text: string, n: number) =>
      (await mine.append(path, { raw: message(text, n), flags: [], receivedAt: new Date() })).uid
    const [inbox, junk] = [(await mine.folder('INBOX')).id, (await mine.folder('Junk')).id]
    for (let n = 1; n <= 12; n++) await mine.copy(inbox, [await into('INBOX', SPAM, n)], 'Junk')
    for (let n = 21; n <= 32; n++) await mine.copy(inbox, [await into('INBOX', HAM, n)], 'Archive')
    expect(await mine.looksLikeSpam(message(SPAM, 100))).toBe(false)
    for (let n = 41; n <= 52; n++) await mine.copy(junk, [await into('Junk', HAM, n)], 'Archive')
    expect(await mine.looksLikeSpam(message(SPAM, 100))).toBe(true)
    expect(await mine.looksLikeSpam(message(HAM, 101))).toBe(false)
    mine.close()
  })

  it('stays learnt when its owner takes out of Junk what others have put there', async () => {
    const junk = (await store.folder('Junk')).id
    const text = 'quarterly figures from accounting department attached'
    const uids: number[] = []
    for (let n = 41; n <= 52; n++)
      uids.push((await store.append('Junk', { raw: message(text, n), flags: [], receivedAt: new Date() })).uid)
    await store.move(junk, uids, 'INBOX')
    expect(await store.looksLikeSpam(message(SPAM, 100))).toBe(true)
    expect(await store.looksLikeSpam(message(text, 102))).toBe(false)
  })

  it('is unlearnt by taking mail out of Junk', async () => {
    const junk = (await store.folder('Junk')).id
    const { uids } = await store.view(junk)
    await store.move(junk, [...uids], 'INBOX')
    expect(await store.looksLikeSpam(message(SPAM, 100))).toBe(false)
  })

  it('sends new mail by way of the filter, which looks at it first', async () => {
    const row = await world.db.mail(ann.region).withTenant(
      ann.tenantId,
      (tx) => tx<{ intake: string | null }[]>`
      select intake_id intake from mailbox where account_id = ${ann.accountId}`,
    )
    expect(row[0]?.intake).not.toBeNull()
  })
})
