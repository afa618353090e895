import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '#lib/clock'
import { newId, type QueueId } from '#lib/ids'
import type { Running } from '#lib/lifecycle'
import { silentLog } from '#lib/log'
import type { Delivery, Leased, Mailbox, MailStore } from '#mailcore/ports'
import { buildBounce } from '#mailcore/proto/dsn'
import { makeSrs } from '#mailcore/proto/srs'
import { compileScript, runScript } from '#mailcore/sieve/index'
import { createDelivery } from '#mailcore/store/delivery'
import { createIntakeFeed } from '#mailcore/store/intake-feed'
import { createMailStores } from '#mailcore/store/mail-store'
import { fakeQueue } from '#tests/helpers/fakes'
import { createWorld, type TestAccount, type World } from '#tests/helpers/world'
import { createSrsReturn } from './srs-return'
import { startFilter } from './worker'

let world: World
let delivery: Delivery
let filter: Running
let domain: string
let person: { account: TestAccount; mailbox: Mailbox; store: MailStore }
let tenant: Awaited<ReturnType<World['makeHouse']>>['tenant']
let made = 0

beforeAll(async () => {
  world = await createWorld()
  const house = await world.makeHouse()
  tenant = house.tenant
  domain = house.domain
  delivery = createDelivery({ db: world.db, log: silentLog })
  filter = await startFilter({
    feed: createIntakeFeed(world.db),
    stores: createMailStores({ db: world.db, keys: world.core.keys, log: silentLog }),
    directory: world.core.directory,
    queue: world.core.queue,
    sieve: { compile: compileScript, run: runScript },
    clock: systemClock,
    log: silentLog,
    hostname: 'mail.test',
    srsKey: world.lookupKey,
    concurrency: 2,
    retryMs: 20,
  })
})
afterAll(async () => {
  await filter.stop()
  await world.close()
})
beforeEach(async () => {
  const account = await world.makeAccount(tenant, { address: `w${++made}@${domain}` })
  const [found] = await world.core.directory.resolve([account.address])
  if (found?.kind !== 'mailbox') throw new Error('no mailbox')
  person = { account, mailbox: found.mailbox, store: await world.core.open(account) }
})

const forward = (to: string[], keep: boolean) => person.store.setForward({ to, keep, owner: person.account.address })

let mails = 0
async function send(options: { sender?: string; to?: string; head?: string } = {}): Promise<void> {
  const { sender = 'friend@stranger.example', to = person.account.address, head = '' } = options
  const raw = `Return-Path: <${sender}>\r\nReceived: from x by y; Mon, 1 Jan 2024 00:00:00 +0000\r\n${head}From: <friend@stranger.example>\r\nTo: <${to}>\r\nSubject: mail ${++mails}\r\nMessage-ID: <${mails}@stranger.example>\r\n\r\ncontent\r\n`
  await delivery.deliver({
    raw: Buffer.from(raw),
    receivedAt: new Date(),
    mailboxes: [person.mailbox],
    envelope: { sender, recipientsOf: () => [to] },
  })
  await vi.waitFor(async () => expect(await person.store.waiting(1)).toEqual([]), 20_000)
}

const inbox = async (): Promise<number> => {
  const { id } = await person.store.folder('INBOX')
  return (await person.store.list(id)).messages.length
}

async function queued(): Promise<Leased[]> {
  const all = await world.core.queue.claim(100, 60_000)
  for (const one of all) await world.core.queue.settle(one, { kind: 'delivered' })
  return all.filter((one) => one.accountId === person.account.accountId)
}

describe('forwarding', () => {
  it('sends mail on and keeps it, or not, as the owner says', async () => {
    await forward(['a@far.example', 'b@far.example'], true)
    await send()
    const sent = await queued()
    expect(sent.map(({ recipient }) => recipient).sort()).toEqual(['a@far.example', 'b@far.example'])
    for (const one of sent) {
      expect(one.sender).toMatch(/^srs0=.{8}=..=stranger\.example=friend@/)
      expect(one.origin).toBe('automatic')
      expect(one.raw.toString().replace(/^To: .*$/m, '')).not.toContain(person.account.address)
    }
    expect(await inbox()).toBe(1)
    await forward(['a@far.example'], false)
    await send()
    expect(await queued()).toHaveLength(1)
    expect(await inbox()).toBe(1)
    await person.store.setForward(null)
    await send()
    expect(await queued()).toEqual([])
    expect(await inbox()).toBe(2)
  })

  it('works for mail that came by a group, which names no address of the owner', async () => {
    await forward(['a@far.example'], false)
    await send({ to: `team@${domain}` })
    expect(await queued()).toHaveLength(1)
    expect(await inbox()).toBe(0)
  })

  it('lets the Sieve script decide first', async () => {
    await person.store.putScript('s', 'if header :contains "Subject" "mail" { discard; }')
    await person.store.activateScript('s')
    await forward(['a@far.example'], true)
    await send()
    expect(await queued()).toEqual([])
    expect(await inbox()).toBe(0)
    // Without the script the rule stands alone, and mail still comes this way.
    await person.store.activateScript(null)
    await send()
    expect(await queued()).toHaveLength(1)
  })

  it('ends a loop: what has been here stays here, and its owner is told', async () => {
    await forward(['a@far.example'], false)
    await send()
    const mark = (await queued())[0]?.raw.toString().split('\r\n')[0] ?? ''
    expect(mark).toMatch(/^X-Sieve-Redirected-By: /)
    await send({ head: `${mark}\r\n` })
    expect(await queued()).toEqual([])
    expect(await inbox()).toBe(2)
  })
})

describe('a bounce of what was sent on', () => {
  const leasedOf = (sender: string, recipient: string, raw: string): Leased => ({
    id: newId<QueueId>(),
    position: 0,
    region: person.account.region,
    tenantId: person.account.tenantId,
    accountId: person.account.accountId,
    sender,
    recipient,
    raw: Buffer.from(raw),
    smtpUtf8: false,
    queuedAt: new Date(),
    attempts: 0,
    token: 1n,
    origin: 'automatic',
    traceId: null,
    wishes: {},
    failure: null,
  })
  const to = { kind: 'handover' as const, to: 'srs' as const, listId: null }
  const made = () => makeSrs(world.lookupKey, 'friend@stranger.example', domain, new Date()) ?? ''
  const handle = async (leased: Leased) => {
    const queue = fakeQueue()
    const handover = createSrsReturn({ queue, srsKey: world.lookupKey, clock: systemClock, hostname: 'mail.test' })
    const result = await handover.handle(leased, { ...to, tenantId: leased.tenantId, region: leased.region })
    return { result, sent: queue.enqueued }
  }
  const foreign = (action: string) =>
    `Received: from far by us; x\r\nFrom: <mailer-daemon@far.example>\r\n\r\nFinal-Recipient: rfc822; secret-reader@far.example\r\nAction: ${action}\r\n`

  it('reaches the first sender, and says nothing of where the mail went', async () => {
    const { result, sent } = await handle(leasedOf('', made(), foreign('failed')))
    expect(result).toEqual({ kind: 'delivered' })
    expect(sent.map(({ sender, recipients }) => [sender, recipients])).toEqual([['', ['friend@stranger.example']]])
    expect(sent[0]?.raw.toString()).not.toContain('secret-reader')
    expect(sent[0]?.raw.toString()).toContain('Action: failed')
  })

  it('goes on as it is where we wrote it, and word of a delay goes nowhere', async () => {
    const own = buildBounce({
      reportingMta: 'mail.test',
      originalSender: made(),
      recipient: person.account.address,
      code: 550,
      enhanced: '5.1.1',
      originalHeaders: '',
      now: new Date(),
      messageId: 'bounce.1@mail.test',
    }).toString()
    expect((await handle(leasedOf('', made(), own))).sent[0]?.raw.toString()).toBe(own)
    expect((await handle(leasedOf('', made(), foreign('delayed')))).sent).toEqual([])
  })

  it('comes from nobody but a mail system, and to no address that was made up', async () => {
    const refusal = { kind: 'failed', code: 550 }
    const spam = await handle(leasedOf('spam@far.example', made(), foreign('failed')))
    expect(spam.result).toMatchObject(refusal)
    const forged = await handle(leasedOf('', `srs0=aaaaaaaa=aa=far.example=x@${domain}`, foreign('failed')))
    expect(forged.result).toMatchObject(refusal)
    expect([...spam.sent, ...forged.sent]).toEqual([])
  })
})
