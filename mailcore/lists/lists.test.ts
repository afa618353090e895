import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '#lib/clock'
import { type AccountId, type GroupId, newId, type QueueId } from '#lib/ids'
import { silentLog } from '#lib/log'
import type { Handover, Leased } from '#mailcore/ports'
import { readHeader } from '#mailcore/proto/header'
import { createDelivery } from '#mailcore/store/delivery'
import { createGroup } from '#server/services/address/group'
import { addMembers, removeMember } from '#server/services/address/member'
import { getGroup } from '#server/services/address/read'
import { createWorld, type TestAccount, type World } from '#tests/helpers/world'
import { listFields, listIdOf, listMessage } from './header'
import { createLists } from './lists'
import { posterOf } from './poster'

let world: World
let domain: string
let admin: TestAccount
let ann: TestAccount
let ben: TestAccount
let lists: Handover
const dns = new Map<string, string[]>()
let groupId: GroupId
let local: string
let made = 0

beforeAll(async () => {
  world = await createWorld()
  const house = await world.makeHouse()
  domain = house.domain
  admin = await world.makeAccount(house.tenant, { address: `admin@${domain}`, role: 'admin' })
  ann = await world.makeAccount(house.tenant, { address: `ann@${domain}` })
  ben = await world.makeAccount(house.tenant, { address: `ben@${domain}` })
  lists = createLists({
    db: world.db,
    keys: world.core.keys,
    queue: world.core.queue,
    delivery: createDelivery({ db: world.db, log: silentLog }),
    lookupKey: world.lookupKey,
    txt: async (name) => dns.get(name) ?? [],
    clock: systemClock,
    log: silentLog,
    hostname: 'mx.test',
  })
})
afterAll(() => world.close())
beforeEach(() => newList('anyone', [ann.address, ben.address, 'reader@far.example']))

async function newList(posting: 'anyone' | 'tenant' | 'members', addresses: string[]): Promise<void> {
  local = `news${++made}`
  const tenantId = admin.tenantId
  const input = {
    tenantId,
    kind: 'list' as const,
    address: `${local}@${domain}`,
    name: 'The News',
    description: '',
    posting,
  }
  groupId = (await createGroup(world.ctx, admin.actor, input)).id
  await addMembers(world.ctx, admin.actor, { tenantId, groupId, addresses })
}

interface Mail {
  from?: string
  sender?: string
  tag?: string
  origin?: 'account' | 'automatic'
  results?: string
  head?: string
}

function leasedOf(mail: Mail): Leased {
  const { from = 'writer@ext.example', sender = from, tag = '', origin = 'automatic', results = '', head = '' } = mail
  const found = results === '' ? '' : `Authentication-Results: mx.test;\r\n\t${results}\r\n`
  return {
    id: newId<QueueId>(),
    position: 0,
    region: admin.region,
    tenantId: admin.tenantId,
    accountId: groupId as string as AccountId,
    sender,
    recipient: `${local}${tag}@${domain}`,
    raw: Buffer.from(
      `${found}${head}From: Wri Ter <${from}>\r\nTo: <${local}@${domain}>\r\nSubject: Hello\r\nMessage-ID: <${newId()}@x>\r\nList-Post: <mailto:other@ext.example>\r\n\r\ncanarybody\r\n`,
    ),
    smtpUtf8: false,
    queuedAt: new Date(),
    attempts: 0,
    token: 1n,
    origin,
    traceId: null,
    wishes: {},
    failure: null,
  }
}

const handle = (leased: Leased) =>
  lists.handle(leased, {
    kind: 'handover',
    to: 'list',
    tenantId: admin.tenantId,
    region: admin.region,
    listId: groupId,
  })
const post = (mail: Mail = {}) => handle(leasedOf(mail))

async function queued(): Promise<Leased[]> {
  const all = await world.core.queue.claim(100, 60_000)
  for (const one of all) await world.core.queue.settle(one, { kind: 'delivered' })
  return all
}

async function inbox(of: TestAccount): Promise<string[]> {
  const store = await world.core.open(of)
  try {
    const { id } = await store.folder('INBOX')
    const all: string[] = []
    for await (const { raw } of store.bodies(id, (await store.view(id)).uids)) all.push(raw.toString())
    return all.filter((text) => text.includes(`<${local}.${domain}>`))
  } finally {
    store.close()
  }
}

describe('a message to a list', () => {
  it('reaches every member once, here and elsewhere, with the fields of a list', async () => {
    const leased = leasedOf({})
    expect(await handle(leased)).toEqual({ kind: 'delivered' })
    // A worker that died before it could say so does it again.
    expect(await handle(leased)).toEqual({ kind: 'delivered' })
    const sent = await queued()
    expect(sent.map(({ recipient, sender, origin }) => [recipient, sender, origin])).toEqual([
      ['reader@far.example', `${local}+bounces@${domain}`, 'list'],
    ])
    const raw = sent[0]?.raw.toString() ?? ''
    expect(raw).toContain(`\r\nList-Id: The News <${local}.${domain}>\r\n`)
    expect(raw).toContain(`\r\nList-Post: <mailto:${local}@${domain}>\r\n`)
    expect(raw).toContain(`\r\nList-Unsubscribe: <mailto:${local}+unsubscribe@${domain}>\r\n`)
    expect(raw).toContain('\r\nPrecedence: list\r\n')
    expect(raw).toContain('\r\nFrom: Wri Ter <writer@ext.example>\r\n')
    expect(raw).not.toContain('other@ext.example')
    expect(raw.endsWith('\r\n\r\ncanarybody\r\n')).toBe(true)
    for (const member of [ann, ben]) {
      const [one, ...more] = await inbox(member)
      expect(more).toEqual([])
      expect(one).toMatch(/^Return-Path: <news\d+\+bounces@/)
    }
  })

  it('goes no further once it has been here, nor when a machine wrote it', async () => {
    expect(await post({ head: `List-Id: x <${local}.${domain}>\r\n` })).toMatchObject({ kind: 'failed', code: 554 })
    expect(await post({ head: 'Received: from a by b; x\r\n'.repeat(60) })).toMatchObject({ kind: 'failed', code: 554 })
    for (const mail of [{ sender: '' }, { tag: '+bounces' }, { head: 'Auto-Submitted: auto-replied\r\n' }])
      expect(await post(mail)).toEqual({ kind: 'delivered' })
    expect(await queued()).toEqual([])
    expect(await inbox(ann)).toEqual([])
  })

  it('has its author in Reply-To where the domain of the author would have it refused', async () => {
    dns.set('_dmarc.strict.example', ['v=DMARC1; p=reject'])
    await post({ from: 'writer@mail.strict.example' })
    const raw = (await queued())[0]?.raw.toString() ?? ''
    expect(raw).toContain(
      `\r\nFrom: "Wri Ter via The News" <${local}@${domain}>\r\nReply-To: <writer@mail.strict.example>\r\n`,
    )
    // Signed by the author's own domain, which still holds: nothing is changed.
    await post({
      from: 'writer@strict.example',
      results: 'spf=pass;\r\n\tdkim=pass header.d=strict.example;\r\n\tdmarc=pass header.from=strict.example',
    })
    expect((await queued())[0]?.raw.toString()).toContain('\r\nFrom: Wri Ter <writer@strict.example>\r\n')
  })
})

describe('who may write', () => {
  const refused = { kind: 'failed', code: 550, enhanced: '5.7.1' }
  it('the people of the organisation, where it says so, as submission or our own checks prove', async () => {
    await newList('tenant', ['reader@far.example'])
    expect(await post({ from: ann.address, origin: 'account' })).toEqual({ kind: 'delivered' })
    const pass = `dmarc=pass header.from=${domain}`
    expect(await post({ from: ann.address, results: pass })).toEqual({ kind: 'delivered' })
    // Forged: nothing proves it, or another server says so, or only the end of the domain fits.
    expect(await post({ from: ann.address })).toMatchObject(refused)
    const forged = { head: `Authentication-Results: evil.example; ${pass}\r\n` }
    expect(await post({ from: ann.address, ...forged })).toMatchObject(refused)
    expect(await post({ from: ann.address, results: `dmarc=pass header.from=${domain}.evil.example` })).toMatchObject(
      refused,
    )
    expect(await post({ origin: 'account' })).toMatchObject(refused)
    expect(await queued()).toHaveLength(2)
  })

  it('members only, where it says so, those elsewhere too', async () => {
    await newList('members', [ann.address, 'reader@far.example'])
    expect(await post({ from: ann.address, origin: 'account' })).toEqual({ kind: 'delivered' })
    expect(await post({ from: ben.address, origin: 'account' })).toMatchObject(refused)
    const pass = { results: 'dmarc=pass header.from=far.example' }
    expect(await post({ from: 'reader@far.example', ...pass })).toEqual({ kind: 'delivered' })
    expect(await post({ from: 'other@far.example', ...pass })).toMatchObject(refused)
    await queued()
  })

  it('nobody with two authors, or none', () => {
    const of = (text: string) => posterOf({ origin: 'account' }, readHeader(Buffer.from(`${text}\r\n\r\n`)), 'mx.test')
    expect(of('From: a@x.test, b@x.test')).toBeNull()
    expect(of('From: a@x.test\r\nFrom: b@x.test')).toBeNull()
    expect(of('Subject: x')).toBeNull()
    expect(of('From: A <a@x.test>')).toMatchObject({ address: 'a@x.test', proven: true })
  })
})

describe('leaving by mail', () => {
  it('takes a proven member off, and answers once, from nobody', async () => {
    const pass = { results: 'dmarc=pass header.from=far.example' }
    expect(await post({ from: 'reader@far.example', tag: '+unsubscribe' })).toMatchObject({ kind: 'failed', code: 550 })
    expect(await post({ from: 'reader@far.example', tag: '+unsubscribe', ...pass })).toEqual({ kind: 'delivered' })
    const [answer, ...more] = await queued()
    expect(more).toEqual([])
    expect(answer).toMatchObject({ sender: '', recipient: 'reader@far.example' })
    expect(answer?.raw.toString()).toContain('You are off the list')
    const { members } = await getGroup(world.ctx, admin.actor, { tenantId: admin.tenantId, groupId })
    expect(members.map(({ address }) => address)).toEqual([ann.address, ben.address])
    const id = members[0]?.id ?? ''
    await removeMember(world.ctx, admin.actor, { tenantId: admin.tenantId, groupId, memberId: id })
  })
})

describe('the name of a list', () => {
  it('adds no field of its own, whatever it holds (S-09)', () => {
    const name = 'Evil\r\nBcc: x@ext.test\u2028"quoted" \\ back'
    const fields = listFields({ address: 'l@our.test', local: 'l', domain: 'our.test', name })
    expect(fields.split('\r\n').filter((line) => /^Bcc/i.test(line))).toEqual([])
    expect(
      fields
        .split('\r\n')
        .filter((line) => line !== '')
        .every((line) => /^(List-[A-Za-z]+|Precedence): |^ /.test(line)),
    ).toBe(true)
    const list = { address: 'l@our.test', local: 'l', domain: 'our.test', name }
    const raw = listMessage(Buffer.from('From: a@x.test\r\n\r\nb'), list, {
      author: 'a@x.test',
      name: 'A"\r\nCc: y@z.test',
    })
    expect(readHeader(raw).fields.map((field) => field.name)).not.toContain('cc')
    expect(readHeader(raw).fields.map((field) => field.name)).not.toContain('bcc')
  })
  it('is an identifier of labels', () => {
    expect(listIdOf({ local: "o'neil_x", domain: 'our.test' })).toBe('o-neil-x.our.test')
  })
})
