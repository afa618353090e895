import { createServer, type Server } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS, systemClock } from '#lib/clock'
import type { Running } from '#lib/lifecycle'
import { silentLog } from '#lib/log'
import type { Outgoing, Queue } from '#mailcore/ports'
import { createSendingCaps } from '#mailcore/queue/caps'
import { createQueue } from '#mailcore/queue/queue'
import { createDelivery } from '#mailcore/store/delivery'
import { fakeResolver } from '#tests/helpers/fakes'
import { createWorld, type TestAccount, type World } from '#tests/helpers/world'
import { type DeliverOptions, startDeliver } from './worker'

let world: World
let alice: TestAccount
const workers: Running[] = []
const servers: Server[] = []
beforeAll(async () => {
  world = await createWorld()
  const { tenant, domain } = await world.makeHouse()
  alice = await world.makeAccount(tenant, { address: `alice@${domain}` })
})
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop()
  await world.db.mail(alice.region).withQueue((tx) => tx`delete from outbound where true`)
  for (const server of servers.splice(0)) server.close()
})
afterAll(() => world.close())

const newQueue = () => createQueue({ db: world.db, keys: world.core.keys, lookupKey: world.lookupKey, log: silentLog })

interface Seen {
  port: number
  commands: string[]
  messages: string[]
  connections: number
}

/** A server with PIPELINING and, if wanted, DSN, that answers RCPT by its table of local parts. */
async function sink(rcpt: Record<string, string> = {}, extensions: string[] = []): Promise<Seen> {
  const seen: Seen = { port: 0, commands: [], messages: [], connections: 0 }
  const server = createServer((socket) => {
    seen.connections++
    let buffer = ''
    let data = false
    socket.on('error', () => undefined)
    socket.write('220 sink\r\n')
    socket.on('data', (chunk) => {
      buffer += chunk.toString('latin1')
      for (;;) {
        const end = data ? buffer.indexOf('\r\n.\r\n') : buffer.indexOf('\r\n')
        if (end < 0) return
        const line = buffer.slice(0, end)
        buffer = buffer.slice(end + (data ? 5 : 2))
        if (data) {
          data = false
          seen.messages.push(line)
          socket.write('250 2.0.0 taken\r\n')
          continue
        }
        seen.commands.push(line)
        const local = /^RCPT TO:<([^@]*)@/.exec(line)?.[1]
        if (line.startsWith('EHLO'))
          socket.write(
            [
              '250-sink',
              '250-PIPELINING',
              '250-SIZE 100000',
              ...extensions.map((one) => `250-${one}`),
              '250 8BITMIME',
              '',
            ].join('\r\n'),
          )
        else if (line === 'DATA') {
          data = true
          socket.write('354 go\r\n')
        } else if (line === 'QUIT') socket.end('221 bye\r\n')
        else socket.write(`${(local !== undefined && rcpt[local]) || '250 ok'}\r\n`)
      }
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  seen.port = address && typeof address === 'object' ? address.port : 0
  return seen
}

async function start(port: number, more: Partial<DeliverOptions> = {}): Promise<Running> {
  const worker = await startDeliver({
    queue: newQueue(),
    delivery: createDelivery({ db: world.db, log: silentLog }),
    directory: world.core.directory,
    resolver: fakeResolver({ 'ext.test': [{ host: '127.0.0.1', priority: 0, port }] }),
    clock: systemClock,
    log: silentLog,
    hostname: 'mx.our.test',
    concurrency: 50,
    random: () => 0.5,
    ...more,
  })
  workers.push(worker)
  return worker
}

const enqueue = (recipients: string[], more: Partial<Outgoing> = {}) =>
  newQueue().enqueue({
    ...alice,
    sender: alice.address,
    recipients,
    raw: Buffer.from(`From: ${alice.address}\r\nMessage-ID: <one@our.test>\r\n\r\nbody\r\n`),
    smtpUtf8: false,
    ...more,
  })
const empty = () => expect.poll(() => newQueue().depth(), { timeout: 5_000 }).toBe(0)
const inbox = async (): Promise<string[]> => {
  const store = await world.core.stores.open(alice)
  try {
    const { id } = await store.folder('INBOX')
    const { messages } = await store.list(id)
    const found: string[] = []
    for await (const { raw } of store.fetch(
      id,
      messages.map(({ uid }) => uid),
      { body: true },
    ))
      found.push(raw?.toString() ?? '')
    return found
  } finally {
    store.close()
  }
}

describe('one message for many', () => {
  it('is one transaction for each hundred at one domain, over connections that are kept', async () => {
    const there = await sink()
    await enqueue(Array.from({ length: 150 }, (_, i) => `u${i}@ext.test`))
    await start(there.port, { concurrency: 400 })
    await empty()
    expect(there.messages).toHaveLength(2)
    await enqueue(['again@ext.test'])
    await empty()
    expect(there.messages).toHaveLength(3)
    expect(there.connections).toBeLessThanOrEqual(2)
    expect(there.commands.filter((line) => line.startsWith('EHLO'))).toEqual(
      Array.from({ length: there.connections }, () => 'EHLO mx.our.test'),
    )
  })

  it('gives each recipient the answer that was meant for it', async () => {
    const there = await sink({ gone: '550 5.1.1 no such user', busy: '450 4.2.1 later' })
    const before = (await inbox()).length
    await enqueue(['good@ext.test', 'gone@ext.test', 'busy@ext.test'])
    const worker = await start(there.port)
    await expect.poll(() => newQueue().depth()).toBe(1)
    await worker.stop()
    expect(there.messages).toHaveLength(1)
    const [report, ...more] = (await inbox()).slice(before)
    expect(more).toEqual([])
    expect(report).toContain('Final-Recipient: rfc822; gone@ext.test')
    // A second message to the address that is not there is not tried, and its sender hears why.
    const commands = there.commands.length
    await enqueue(['gone@ext.test'])
    await start(there.port)
    await expect.poll(async () => (await inbox()).length).toBe(before + 2)
    expect(there.commands).toHaveLength(commands)
    expect((await inbox()).at(-1)).toMatch(/It was not tried: mail to this address has failed for good before/)
    await world.db.mail(alice.region).withQueue((tx) => tx`delete from outbound where true`)
  })
})

describe('what the sender wished (RFC 3461)', () => {
  it('goes on to a server that knows it, encoded', async () => {
    const there = await sink({}, ['DSN'])
    const before = (await inbox()).length
    const wishes: Outgoing['wishes'] = {
      ret: 'hdrs',
      envid: 'a b+c\r\nRCPT TO:<x@y>',
      recipients: [{ notify: ['success', 'failure'], orcpt: 'rfc822;a>\r\nX@y' }],
    }
    await enqueue(['a@ext.test'], { wishes })
    await start(there.port)
    await empty()
    expect(there.commands.find((line) => line.startsWith('MAIL'))).toMatch(
      / RET=HDRS ENVID=a\+20b\+2Bc\+0D\+0ARCPT\+20TO:<x@y>$/,
    )
    expect(there.commands.find((line) => line.startsWith('RCPT'))).toBe(
      'RCPT TO:<a@ext.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a>+0D+0AX@y',
    )
    expect(await inbox()).toHaveLength(before)
  })

  it('is done by us where the server does not: relayed, delivered, never', async () => {
    const there = await sink({ gone2: '550 5.1.1 no' })
    const before = (await inbox()).length
    await enqueue(['a@ext.test', alice.address, 'gone2@ext.test'], {
      wishes: { envid: 'E1', recipients: [{ notify: ['success'] }, { notify: ['success'] }, { notify: ['never'] }] },
    })
    await start(there.port)
    await empty()
    await expect.poll(async () => (await inbox()).length).toBe(before + 3)
    const reports = (await inbox()).slice(before).filter((raw) => raw.includes('delivery-status'))
    expect(reports.map((raw) => /^Action: (.*)\r$/m.exec(raw)?.[1]).sort()).toEqual(['delivered', 'relayed'])
    expect(reports.every((raw) => raw.includes('Original-Envelope-Id: E1\r\n'))).toBe(true)
  })

  it('hears of a delay once, after four hours', async () => {
    const there = await sink({ slow: '451 4.3.0 later' })
    const before = (await inbox()).length
    await enqueue(['slow@ext.test'])
    const later = { now: () => new Date(Date.now() + 5 * HOUR_MS) }
    for (let i = 0; i < 2; i++) {
      const worker = await start(there.port, { clock: later })
      await expect.poll(() => there.commands.filter((line) => line.startsWith('RCPT')).length).toBe(i + 1)
      await worker.stop()
      await world.db.mail(alice.region).withQueue((tx) => tx`update outbound_recipient set due_at = now()`)
    }
    const found = (await inbox()).slice(before)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(/^Action: delayed\r$/m)
    await start(there.port, { clock: { now: () => new Date(Date.now() + 6 * DAY_MS) } })
    await empty()
    expect((await inbox()).at(-1)).toMatch(/^Status: 5\.4\.7\r$/m)
  })
})

describe('killed between the remote 250 and our commit (R-14)', () => {
  it('repeats the message once at most, under the same Message-ID, and the dead worker can settle nothing', async () => {
    const there = await sink()
    await enqueue(['a@ext.test'])
    const real = newQueue()
    let release = () => {}
    const late: Promise<boolean>[] = []
    // A worker that stops the moment it has heard 250: it renews nothing, and its settlement comes after its lease.
    const dying: Queue = {
      ...real,
      claim: async (most, leaseMs) => (late.length > 0 ? [] : real.claim(most, leaseMs)),
      renew: async () => {
        throw new Error('gone')
      },
      settle: (leased, outcome) => {
        const held = new Promise<void>((resolve) => {
          release = resolve
        }).then(() => real.settle(leased, outcome))
        late.push(held)
        return held
      },
    }
    await start(there.port, { queue: dying, leaseMs: 300 })
    await expect.poll(() => late.length).toBe(1)
    await start(there.port)
    const nudged = async () => {
      await world.db.mail(alice.region).withQueue((tx) => tx`select pg_notify('outbound', '')`)
      return there.messages.length
    }
    await expect.poll(nudged, { timeout: 15_000 }).toBe(2)
    await empty()
    release()
    expect(await Promise.all(late)).toEqual([false])
    expect(there.messages.map((raw) => /^Message-ID: (.*)$/m.exec(raw)?.[1]?.trim())).toEqual([
      '<one@our.test>',
      '<one@our.test>',
    ])
  }, 20_000)
})

describe('sending caps (S-16)', () => {
  it('stop a burst at 200, freeze the account alone, and say so in the ledger', async () => {
    const { tenant, domain, reseller } = await world.makeHouse()
    const bob = await world.makeAccount(tenant, { address: `bob@${domain}` })
    const eve = await world.makeAccount(tenant, { address: `eve@${domain}` })
    const caps = createSendingCaps({ db: world.db, log: silentLog })
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => caps.take(bob, 1)))
    expect(answers.filter(({ ok }) => ok)).toHaveLength(200)
    expect(await caps.take(bob, 1)).toEqual({ ok: false, reason: 'frozen', level: 'account' })
    expect(await caps.take(eve, 5)).toEqual({ ok: true })
    const rows = await world.db.control.withReseller(reseller.id, (tx) =>
      tx.execute<{ account_id: string }>(`select account_id from audit where action = 'sending.freeze'`),
    )
    expect(rows.map((row) => row.account_id)).toEqual([bob.accountId])
  }, 20_000)

  it('suspend who mails the unknown', async () => {
    const { tenant, domain } = await world.makeHouse()
    const bob = await world.makeAccount(tenant, { address: `bob@${domain}` })
    const caps = createSendingCaps({ db: world.db, log: silentLog })
    await caps.take(bob, 60)
    for (let i = 0; i < 19; i++) await caps.bounced(bob)
    expect(await caps.take(bob, 1)).toEqual({ ok: true })
    await caps.bounced(bob)
    expect(await caps.take(bob, 1)).toMatchObject({ ok: false, reason: 'frozen' })
  })
})
