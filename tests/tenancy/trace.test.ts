import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId, type TraceId } from '#lib/ids'
import { keepLogKeys } from '#server/jobs/keep-log-keys'
import { sendMessage } from '#server/services/mail/send-message'
import { getForward, setForward } from '#server/services/own-address/forward'
import { createMasked } from '#server/services/own-address/masked'
import { listOwnWays, listWays } from '#server/services/trace/list'
import { getReceipt } from '#server/services/trace/receipt'
import { createWorld, PASSWORD, type TestAccount, type World } from '#tests/helpers/world'

let world: World
let admin: TestAccount
let ann: TestAccount
let ben: TestAccount
let strangeAdmin: TestAccount
let house: Awaited<ReturnType<World['makeHouse']>>
let other: Awaited<ReturnType<World['makeHouse']>>
beforeAll(async () => {
  world = await createWorld()
  house = await world.makeHouse()
  admin = await world.makeAccount(house.tenant, { address: `admin@${house.domain}`, role: 'admin' })
  ann = await world.makeAccount(house.tenant, { address: `ann@${house.domain}` })
  ben = await world.makeAccount(house.tenant, { address: `ben@${house.domain}` })
  other = await world.makeHouse()
  strangeAdmin = await world.makeAccount(other.tenant, { address: `admin@${other.domain}`, role: 'admin' })
  await keepLogKeys.run(world.ctx)
})
afterAll(() => world.close())

const own = (of: TestAccount) => ({ tenantId: of.tenantId, accountId: of.accountId })
const absent = { code: 'NOT_FOUND' }

describe('a message sent from webmail', () => {
  it('can be followed by its sender, its recipient and the staff, each as far as they may see, and leaves a receipt', async () => {
    const draft = { to: [ben.address, 'canary.far@ext.example'], subject: 'canarysubject', text: 'canarytext' }
    await sendMessage(world.ctx, ann.actor, { ...own(ann), ...draft })
    await world.core.flush()
    const [sent] = (await listOwnWays(world.ctx, ann.actor, own(ann))).items
    expect(sent?.steps.map(({ step, direction }) => [direction, step]).sort()).toEqual([
      ['out', 'queued'],
      ['out', 'stored'],
    ])
    const [came] = (await listOwnWays(world.ctx, ben.actor, own(ben))).items
    expect(came?.steps).toMatchObject([{ direction: 'in', step: 'stored', detail: { recipients: [ben.address] } }])
    expect(JSON.stringify(came)).not.toContain('canary.far')
    expect(JSON.stringify([sent, came])).not.toMatch(/canarysubject|canarytext/)

    const tenantId = house.tenant.id
    const asAdmin = await listWays(world.ctx, admin.actor, { tenantId, search: 'CANARY.far' })
    expect(asAdmin.items.map(({ traceId }) => traceId)).toEqual([sent?.traceId])
    expect((await listWays(world.ctx, admin.actor, { tenantId, search: 'nowhere' })).items).toEqual([])
    expect((await listWays(world.ctx, admin.actor, { tenantId, troubled: true })).items).toEqual([])
    const asReseller = JSON.stringify(await listWays(world.ctx, house.reseller.actor, { tenantId }))
    expect(asReseller).toContain('@ext.example')
    expect(asReseller).not.toMatch(/canary|ann@|ben@/)
    const operator = await world.makeOperator()
    expect(JSON.stringify(await listWays(world.ctx, operator, { tenantId }))).not.toMatch(
      /canary|ann@|ben@|ext\.example/,
    )

    const messageId = sent?.steps[0]?.detail.messageId ?? ''
    const receipt = await getReceipt(world.ctx, ann.actor, { ...own(ann), messageId })
    expect(receipt).toMatchObject({ local: [ben.address], remote: ['canary.far@ext.example'], attempts: [] })
    expect(receipt?.header).toContain('Subject: canarysubject')
    expect(await getReceipt(world.ctx, ben.actor, { ...own(ben), messageId })).toBeNull()
  })

  it('cannot be followed by anybody else', async () => {
    const tenantId = house.tenant.id
    const traceId = newId<TraceId>()
    await expect(listWays(world.ctx, ann.actor, { tenantId })).rejects.toMatchObject(absent)
    await expect(listWays(world.ctx, strangeAdmin.actor, { tenantId, traceId })).rejects.toMatchObject(absent)
    await expect(listWays(world.ctx, other.reseller.actor, { tenantId })).rejects.toMatchObject(absent)
    await expect(listOwnWays(world.ctx, ben.actor, own(ann))).rejects.toMatchObject(absent)
    await expect(listOwnWays(world.ctx, admin.actor, own(ann))).rejects.toMatchObject({ code: 'FORBIDDEN' })
    for (const actor of [admin.actor, house.reseller.actor])
      await expect(getReceipt(world.ctx, actor, { ...own(ann), messageId: 'x' })).rejects.toMatchObject({
        code: 'FORBIDDEN',
      })
    await expect(getReceipt(world.ctx, strangeAdmin.actor, { ...own(ann), messageId: 'x' })).rejects.toMatchObject(
      absent,
    )
  })
})

describe('sending from another address', () => {
  const draft = { to: [] as string[], subject: 'x', text: 'x' }
  it('works from a masked one, which says no name, and from nobody else’s', async () => {
    const { address } = await createMasked(world.ctx, ann.actor, { ...own(ann), label: 'shop' })
    await sendMessage(world.ctx, ann.actor, { ...own(ann), ...draft, to: [ben.address], from: address })
    const store = await world.core.open(ben)
    const { id } = await store.folder('INBOX')
    const texts: string[] = []
    for await (const { raw } of store.bodies(id, (await store.view(id)).uids)) texts.push(raw.toString())
    store.close()
    const got = texts.find((text) => text.includes(address)) ?? ''
    expect(got).toMatch(new RegExp(`^From: <?${address}>?\r$`, 'm'))
    expect(got).not.toContain(ann.address)
    for (const from of [ben.address, 'x@elsewhere.example'])
      await expect(
        sendMessage(world.ctx, ann.actor, { ...own(ann), ...draft, to: [ben.address], from }),
      ).rejects.toMatchObject({ code: 'FORBIDDEN', field: 'from' })
  })
})

describe('forwarding', () => {
  const current = PASSWORD
  it('asks for the password, and tells the owner in their own mailbox', async () => {
    const wanted = { ...own(ann), to: [' Far@ext.example '], keep: true }
    await expect(setForward(world.ctx, ann.actor, { ...wanted, current: 'wrong' })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      field: 'current',
    })
    expect(await getForward(world.ctx, ann.actor, own(ann))).toBeNull()
    await setForward(world.ctx, ann.actor, { ...wanted, current })
    expect(await getForward(world.ctx, ann.actor, own(ann))).toEqual({ to: ['far@ext.example'], keep: true })
    const store = await world.core.open(ann)
    const waiting = await store.waiting(10)
    // The notice comes by the intake folder like all mail from now on.
    expect(waiting).toHaveLength(1)
    store.close()
    await setForward(world.ctx, ann.actor, { ...wanted, to: [], current })
    expect(await getForward(world.ctx, ann.actor, own(ann))).toBeNull()
  })

  it('goes to others only, and to few of them', async () => {
    const { address } = await createMasked(world.ctx, ann.actor, { ...own(ann), label: '' })
    const bad = { code: 'BAD_REQUEST', field: 'to' }
    for (const to of [['nonsense'], [ann.address], [address]])
      await expect(setForward(world.ctx, ann.actor, { ...own(ann), to, keep: true, current })).rejects.toMatchObject(
        bad,
      )
    const many = Array.from({ length: 6 }, (_, i) => `x${i}@ext.example`)
    await expect(
      setForward(world.ctx, ann.actor, { ...own(ann), to: many, keep: true, current }),
    ).rejects.toMatchObject({ code: 'LIMIT' })
  })

  it('is the owner alone', async () => {
    await expect(getForward(world.ctx, ben.actor, own(ann))).rejects.toMatchObject(absent)
    await expect(getForward(world.ctx, admin.actor, own(ann))).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(getForward(world.ctx, strangeAdmin.actor, own(ann))).rejects.toMatchObject(absent)
  })
})
