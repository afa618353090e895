import { createServer, type Server, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { DAY_MS, systemClock } from '#lib/clock'
import { Fault } from '#lib/errors'
import { newId, type QueueId } from '#lib/ids'
import type { Running } from '#lib/lifecycle'
import { silentLog } from '#lib/log'
import type { MxHost } from '#mailcore/ports'
import { fakeDelivery, fakeDirectory, fakeQueue, fakeResolver } from '#tests/helpers/fakes'
import { testCertificate } from '#tests/helpers/smtp-client'
import { nextAttempt } from './schedule'
import { type DeliverOptions, startDeliver } from './worker'

interface Sink {
  port: number
  lines: string[]
  messages: string[]
  /** Connections that have ended */
  closed: number
  server: Server
}

const sinks: Sink[] = []
const workers: Running[] = []
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop()
  for (const { server } of sinks.splice(0)) server.close()
})

/** A stranger's server that answers by its table: the first word of a command, or "." for the end of DATA. */
async function sink(
  answers: Record<string, string> = {},
  tls: 'good' | 'broken' | 'injected' | 'none' = 'none',
): Promise<Sink> {
  const made: Sink = { port: 0, lines: [], messages: [], closed: 0, server: createServer() }
  const table = new Map(Object.entries(answers))
  const serve = (socket: Socket) => {
    let buffer = ''
    let data = false
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      buffer += chunk.toString('latin1')
      for (;;) {
        const end = data ? buffer.indexOf('\r\n.\r\n') : buffer.indexOf('\r\n')
        if (end < 0) return
        const line = buffer.slice(0, data ? end + 2 : end)
        buffer = buffer.slice(end + (data ? 5 : 2))
        if (data) {
          data = false
          made.messages.push(line)
          socket.write(`${table.get('.') ?? '250 2.0.0 ok'}\r\n`)
          continue
        }
        made.lines.push(line)
        const word = line.split(/[ :]/)[0] ?? ''
        if (word === 'EHLO')
          socket.write(tls === 'none' || socket instanceof TLSSocket ? '250 sink\r\n' : '250-sink\r\n250 STARTTLS\r\n')
        else if (word === 'STARTTLS') {
          // A line after the answer was put there by somebody on the way (response injection, S-04).
          socket.write(tls === 'injected' ? '220 go\r\n550 5.7.1 injected\r\n' : '220 go\r\n')
          if (tls === 'broken') socket.destroy()
          else {
            socket.removeAllListeners('data')
            serve(new TLSSocket(socket, { isServer: true, ...testCertificate() }))
          }
          return
        } else {
          const answer = table.get(word) ?? (word === 'DATA' ? '354 go' : '250 ok')
          socket.write(`${answer}\r\n`)
          data = answer.startsWith('354')
        }
      }
    })
  }
  made.server.on('connection', (socket) => {
    socket.on('close', () => made.closed++)
    socket.write(`${table.get('connect') ?? '220 sink'}\r\n`)
    serve(socket)
  })
  await new Promise<void>((resolve) => made.server.listen(0, '127.0.0.1', resolve))
  const address = made.server.address()
  made.port = address && typeof address === 'object' ? address.port : 0
  sinks.push(made)
  return made
}

const at = (...some: Sink[]): MxHost[] => some.map(({ port }, priority) => ({ host: '127.0.0.1', priority, port }))

async function world(known: Record<string, MxHost[] | Error>, more: Partial<DeliverOptions> = {}) {
  const queue = fakeQueue()
  const delivery = fakeDelivery()
  const directory = fakeDirectory()
  directory.add('alice@our.test')
  const worker = await startDeliver({
    queue,
    delivery,
    directory,
    resolver: fakeResolver(known),
    clock: systemClock,
    log: silentLog,
    hostname: 'mx.our.test',
    concurrency: 4,
    random: () => 0.5,
    ...more,
  })
  workers.push(worker)
  const settled = async (count = 1) => {
    await expect.poll(() => queue.outcomes.length, { timeout: 4_000 }).toBe(count)
    return queue.outcomes[count - 1]?.outcome
  }
  return { queue, delivery, directory, settled }
}

describe('delivering', () => {
  it('hands the bytes to the most preferred host over TLS, and says only our name', async () => {
    const [first, second] = [await sink({}, 'good'), await sink()]
    const { queue, settled } = await world({ 'ext.test': at(first, second) })
    queue.add({ raw: Buffer.from('Subject: x\r\n\r\n.dot\r\n') })
    expect(await settled()).toEqual({ kind: 'delivered' })
    expect(first.messages).toEqual(['Subject: x\r\n\r\n..dot\r\n'])
    expect(second.lines).toEqual([])
    expect(first.lines.filter((line) => line === 'EHLO mx.our.test')).toHaveLength(2)
    expect(first.lines).toContain('STARTTLS')
    expect(first.lines).toContain('MAIL FROM:<alice@our.test>')
  })

  it('goes on in the clear when the handshake fails (RFC 7435)', async () => {
    const broken = await sink({}, 'broken')
    const { queue, settled } = await world({ 'ext.test': at(broken) })
    queue.add({})
    expect(await settled()).toEqual({ kind: 'delivered' })
  })

  it('takes an answer in the packet of the answer to STARTTLS for an attack, and says nothing more there (S-04)', async () => {
    const injected = await sink({}, 'injected')
    const { queue, settled } = await world({ 'ext.test': at(injected) })
    queue.add({})
    expect(await settled()).toMatchObject({ kind: 'deferred', code: 451, enhanced: '4.4.1' })
    expect(injected.lines).toEqual(['EHLO mx.our.test', 'STARTTLS'])
  })

  it('tries the next host after 4xx or no connection', async () => {
    const [busy, down, good] = [await sink({ connect: '421 busy' }), await sink(), await sink()]
    down.server.close()
    const { queue, settled } = await world({ 'ext.test': at(busy, down, good) })
    queue.add({})
    expect(await settled()).toEqual({ kind: 'delivered' })
    expect(good.messages).toHaveLength(1)
  })

  it('defers after 4xx everywhere, and bounces after five days', async () => {
    const busy = await sink({ RCPT: '450 4.2.1 later' })
    const { queue, delivery, settled } = await world({ 'ext.test': at(busy) })
    queue.add({})
    expect(await settled()).toMatchObject({ kind: 'deferred', code: 450, enhanced: '4.2.1' })
    expect(delivery.delivered).toHaveLength(0)
    queue.add({ queuedAt: new Date(Date.now() - 5 * DAY_MS) })
    expect(await settled(2)).toMatchObject({ kind: 'failed', failure: { code: 450, enhanced: '5.4.7' } })
    await expect.poll(() => delivery.delivered.length).toBe(1)
  })

  it.each([
    ['MAIL', '550 5.7.1 not you', '5.7.1'],
    ['RCPT', '550 5.1.1 no such user', '5.1.1'],
    ['RCPT', '550 gone', '5.0.0'],
    ['DATA', '554 5.6.0 no', '5.6.0'],
    ['.', '550 4.1.1 nonsense', '5.0.0'],
  ])('fails at once when %s gets %s, with one bounce to the sender', async (word, answer, enhanced) => {
    const [refusing, next] = [await sink({ [word]: answer }), await sink()]
    const { queue, delivery, settled } = await world({ 'ext.test': at(refusing, next) })
    queue.add({})
    expect(await settled()).toMatchObject({ kind: 'failed', failure: { code: Number(answer.slice(0, 3)), enhanced } })
    expect(next.lines).toEqual([])
    await expect.poll(() => delivery.delivered.length).toBe(1)
    const report = delivery.delivered[0]?.raw.toString() ?? ''
    expect(report).toMatch(/^Return-Path: <>\r\n/)
    expect(report).toContain('Final-Recipient: rfc822; bob@ext.test')
    expect(report).toContain('Subject: hi')
    expect(report).not.toContain('body\r\n')
  })

  it.each([
    ['a null MX', [], { kind: 'failed', failure: { code: 556, enhanced: '5.1.10' } }],
    ['no such domain', new Fault('NOT_FOUND', 'x'), { kind: 'failed', failure: { code: 550, enhanced: '5.1.2' } }],
    ['a DNS that is away', new Fault('UNAVAILABLE', 'x'), { kind: 'deferred', code: 451, enhanced: '4.4.3' }],
    ['an MX that names loopback', [{ host: '127.0.0.1', priority: 0 }], { kind: 'deferred', enhanced: '4.4.4' }],
  ])('%s', async (_, answer, outcome) => {
    const { queue, settled } = await world({ 'ext.test': answer })
    queue.add({})
    expect(await settled()).toMatchObject(outcome)
  })

  it('sends no bounce to the null sender, nor when the lease has passed on', async () => {
    const refusing = await sink({ RCPT: '550 5.1.1 no' })
    const { queue, delivery, settled } = await world({ 'ext.test': at(refusing) })
    queue.add({ sender: '' })
    await settled()
    queue.holdsLease = false
    queue.add({})
    await expect.poll(() => refusing.lines.filter((line) => line.startsWith('RCPT')).length).toBe(2)
    queue.holdsLease = true
    queue.add({ sender: '' })
    await settled(2)
    expect(delivery.delivered).toHaveLength(0)
  })

  it('delivers inside what has become ours meanwhile', async () => {
    const { queue, delivery, directory, settled } = await world({})
    directory.domains.add('ext.test')
    directory.add('bob@ext.test')
    queue.add({})
    expect(await settled()).toEqual({ kind: 'delivered' })
    expect(delivery.delivered[0]?.raw.toString()).toMatch(/^Return-Path: <alice@our\.test>\r\n/)
    queue.add({ recipient: 'nobody@ext.test', sender: '' })
    expect(await settled(2)).toMatchObject({ kind: 'failed', failure: { enhanced: '5.1.1' } })
  })

  it('defers when our own store is away', async () => {
    const { queue, directory, settled } = await world({})
    directory.failing = new Fault('UNAVAILABLE', 'x')
    queue.add({})
    expect(await settled()).toMatchObject({ kind: 'deferred', enhanced: '4.3.0' })
  })

  it('keeps a bounce of a hostile reply on its lines (S-09)', async () => {
    const hostile = await sink({ RCPT: '550-5.1.1 a\r\n550 Subject: evil \x01' })
    const { queue, delivery } = await world({ 'ext.test': at(hostile) })
    queue.add({})
    await expect.poll(() => delivery.delivered.length).toBe(1)
    expect(delivery.delivered[0]?.raw.toString()).not.toMatch(/^(550 )?Subject: evil/m)
  })
})

describe('a failure on record', () => {
  const failure = { code: 550, enhanced: '5.1.1', remoteText: '550 no', at: new Date('2026-01-02T03:04:05Z') }

  it('is told without another attempt, in the same words whoever tells it, and then leaves the queue', async () => {
    const refusing = await sink()
    const { queue, delivery } = await world({ 'ext.test': at(refusing) })
    const id = newId<QueueId>()
    queue.add({ id, failure })
    await expect.poll(() => queue.told).toEqual(['bob@ext.test'])
    queue.add({ id, failure })
    await expect.poll(() => queue.told).toHaveLength(2)
    const [first, second] = delivery.delivered.map(({ raw }) => raw.toString())
    expect(first).toContain(`Message-ID: <bounce.${id}.0@mx.our.test>`)
    expect(second).toBe(first)
    expect(refusing.lines).toEqual([])
    expect(queue.outcomes).toEqual([])
  })

  it('leaves the queue only after the bounce is stored', async () => {
    const { queue, delivery } = await world({})
    let release = () => {}
    delivery.gate = new Promise((resolve) => {
      release = resolve
    })
    const reached = vi.spyOn(delivery, 'deliver')
    queue.add({ failure })
    await expect.poll(() => reached.mock.calls.length).toBe(1)
    expect(queue.told).toEqual([])
    release()
    await expect.poll(() => queue.told.length).toBe(1)
    expect(delivery.delivered).toHaveLength(1)
  })

  it('waits while the sender takes no mail, and is dropped with a sender that is gone', async () => {
    const { queue, delivery, directory } = await world({})
    directory.add('full@our.test', { state: 'full' })
    queue.add({ failure: { ...failure, at: new Date() }, sender: 'full@our.test' })
    await expect.poll(() => queue.outcomes[0]?.outcome.kind).toBe('deferred')
    queue.add({ failure, sender: 'gone@our.test' })
    await expect.poll(() => queue.told.length).toBe(1)
    expect(delivery.delivered).toHaveLength(0)
  })
})

describe('a lease', () => {
  it('is renewed while a slow remote thinks, and its loss ends the attempt unrecorded', async () => {
    const silent = await sink({ RCPT: '250-not yet' })
    const { queue } = await world({ 'ext.test': at(silent) }, { leaseMs: 30 })
    queue.add({})
    await expect.poll(() => queue.renewals).toBeGreaterThan(3)
    expect(queue.outcomes).toEqual([])
    queue.holdsLease = false
    const closed = silent.closed
    await expect.poll(() => silent.closed).toBe(closed + 1)
    expect(queue.outcomes).toEqual([])
  })
})

describe('nextAttempt', () => {
  const queuedAt = new Date('2026-01-01T00:00:00Z')
  const next = (attempts: number, now: string, random = 0.5) =>
    nextAttempt({ queuedAt, attempts, now: new Date(now), random })?.toISOString()
  it('doubles from five minutes to four hours and ends after five days', () => {
    expect(next(0, '2026-01-01T00:00:00Z')).toBe('2026-01-01T00:05:00.000Z')
    expect(next(0, '2026-01-01T00:00:00Z', 0)).toBe('2026-01-01T00:04:00.000Z')
    expect(next(2, '2026-01-01T00:00:00Z')).toBe('2026-01-01T00:20:00.000Z')
    expect(next(90, '2026-01-01T00:00:00Z')).toBe('2026-01-01T04:00:00.000Z')
    expect(next(90, '2026-01-05T23:00:00Z')).toBe('2026-01-06T00:00:00.000Z')
    expect(next(90, '2026-01-06T00:00:00Z')).toBeUndefined()
  })
})
