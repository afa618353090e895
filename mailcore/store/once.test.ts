import { createHash, randomBytes } from 'node:crypto'
import net from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectionOptions, openDatabases, type Sql } from '#db/client'
import { isOutage } from '#lib/errors'
import { silentLog } from '#lib/log'
import type { Delivery, Incoming } from '#mailcore/ports'
import { createDelivery } from '#mailcore/store/delivery'
import { type DeliveryGround, deliveryGround, type Person } from '#mailcore/store/testing'
import { faultOf, type World } from '#tests/helpers/world'

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

const letter = (subject: string): Pick<Incoming, 'raw' | 'receivedAt' | 'onceKey'> => ({
  raw: Buffer.from(`From: a@x.example\r\nSubject: ${subject}\r\n\r\nhello\r\n`),
  receivedAt: new Date(),
  onceKey: createHash('sha256').update(subject).digest().subarray(0, 16),
})
const inboxOf = async (person: Person): Promise<number> => (await person.store.folder('INBOX')).messages

describe('a message that comes again', () => {
  it('is taken once by each mailbox, one after the other or together', async () => {
    const [ann, bob] = [await newPerson(), await newPerson()]
    await delivery.deliver({ ...letter('one'), mailboxes: [ann.mailbox] })
    await delivery.deliver({ ...letter('one'), mailboxes: [ann.mailbox, bob.mailbox] })
    await Promise.all(
      Array.from({ length: 8 }, () => delivery.deliver({ ...letter('two'), mailboxes: [bob.mailbox, ann.mailbox] })),
    )
    await Promise.all([
      delivery.deliver({ ...letter('one'), mailboxes: [bob.mailbox] }),
      delivery.deliver({ ...letter('three'), mailboxes: [ann.mailbox] }),
    ])
    expect([await inboxOf(ann), await inboxOf(bob)]).toEqual([3, 2])
    const [quota] = [await ann.store.quota()]
    expect(quota.messages).toBe(3)
  })

  it('is taken once however many processes deliver it at a time', async () => {
    const people = await Promise.all(Array.from({ length: 6 }, newPerson))
    const doors = Array.from({ length: 3 }, () => createDelivery({ db: world.db, log: silentLog }))
    const mailboxes = people.map((person) => person.mailbox)
    await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        doors.map((door, d) =>
          door.deliver({ ...letter(`m${n}`), mailboxes: d % 2 ? mailboxes : mailboxes.toReversed() }),
        ),
      ).flat(),
    )
    expect(await Promise.all(people.map(inboxOf))).toEqual(people.map(() => 10))
  })

  it('without a key is another message, and after a day it is one too', async () => {
    const ann = await newPerson()
    const { onceKey: _, ...bare } = letter('bare')
    await delivery.deliver({ ...bare, mailboxes: [ann.mailbox] })
    await delivery.deliver({ ...bare, mailboxes: [ann.mailbox] })
    await delivery.deliver({ ...letter('daily'), mailboxes: [ann.mailbox] })
    const age = (interval: string) =>
      admin`update accepted set accepted_at = now() - ${interval}::interval where account_id = ${ann.account.accountId}`
    await age('23 hours 59 minutes')
    await delivery.deliver({ ...letter('daily'), mailboxes: [ann.mailbox] })
    expect(await inboxOf(ann)).toBe(3)
    await age('24 hours 1 minute')
    await delivery.deliver({ ...letter('daily'), mailboxes: [ann.mailbox] })
    await delivery.deliver({ ...letter('daily'), mailboxes: [ann.mailbox] })
    expect(await inboxOf(ann)).toBe(4)
  })

  it('is refused where the first was, and taken once there is room', async () => {
    const ann = await newPerson()
    const room = (quotaBytes: number) => world.core.updateMailbox(ann.account, { quotaBytes })
    await room(10)
    const twice = () =>
      Promise.all([1, 2].map(() => faultOf(delivery.deliver({ ...letter('big'), mailboxes: [ann.mailbox] }))))
    expect((await twice()).map((fault) => fault.code)).toEqual(['OVER_QUOTA', 'OVER_QUOTA'])
    await room(100_000)
    await delivery.deliver({ ...letter('big'), mailboxes: [ann.mailbox] })
    // One that is there already needs no room.
    await room(10)
    await delivery.deliver({ ...letter('big'), mailboxes: [ann.mailbox] })
    expect(await inboxOf(ann)).toBe(1)
  })
})

/** Stands between us and the database, and may end a connection once the server has committed but before we hear of it. */
async function forgetfulProxy(url: string): Promise<{ url: string; dropNext(): void; dropped: number; close(): void }> {
  const to = connectionOptions(url)
  const target = to.host.startsWith('/') ? { path: `${to.host}/.s.PGSQL.${to.port}` } : { host: to.host, port: to.port }
  let armed = false
  const proxy = { dropped: 0, dropNext: () => (armed = true), url: '', close: () => server.close() }
  const server = net.createServer((client) => {
    const upstream = net.connect(target)
    let silent = false
    client.on('data', (data) => {
      if (armed && data.includes('commit\0')) {
        armed = false
        silent = true
      }
      upstream.write(data)
    })
    upstream.on('data', (data) => {
      if (!silent) client.write(data)
      // The answer to COMMIT has come: it is durable, and nobody hears.
      else if (data.includes('COMMIT\0')) {
        proxy.dropped++
        client.destroy()
      }
    })
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
    for (const socket of [client, upstream]) socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const { user, password, database } = to
  proxy.url = `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${address.port}/${database}`
  return proxy
}

describe('a connection lost after COMMIT was sent', () => {
  it('is an outage to the sender, whose next try delivers nothing twice', async () => {
    const ann = await newPerson()
    const proxy = await forgetfulProxy(world.urls.MAIL_EU_DELIVERY_URL ?? '')
    const db = openDatabases({ MAIL_EU_DELIVERY_URL: proxy.url }, { poolMax: 2, name: 'ambiguous' })
    const door = createDelivery({ db, log: silentLog })
    const rounds = 20
    try {
      for (let n = 0; n < rounds; n++) {
        const message = { ...letter(randomBytes(8).toString('hex')), mailboxes: [ann.mailbox] }
        proxy.dropNext()
        expect(await door.deliver(message).catch(isOutage)).toBe(true)
        await door.deliver(message)
        await door.deliver(message)
      }
    } finally {
      await db.close()
      proxy.close()
    }
    expect(proxy.dropped).toBe(rounds)
    expect(await inboxOf(ann)).toBe(rounds)
  })
})
