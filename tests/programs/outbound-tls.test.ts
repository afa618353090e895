import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createHttps, type Server as HttpsServer } from 'node:https'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '#lib/clock'
import { newId, type TraceId } from '#lib/ids'
import { silentLog } from '#lib/log'
import { startDeliver } from '#mailcore/deliver/worker'
import { createStsPolicies } from '#mailcore/dns/mta-sts'
import { createStubResolver } from '#mailcore/dns/secure'
import type { AttemptOutcome, Destinations, Leased, StsPolicy, TraceStep } from '#mailcore/ports'
import { fakeDelivery, fakeDirectory, fakeQueue } from '#tests/helpers/fakes'
import { describeWith } from './programs'
import { type Authority, makeAuthority, serveZones, type Zones } from './zone'

const PORTS = { named: 10_853, unbound: 10_854, smtp: 10_855, https: 10_856 }

interface Host {
  address: string
  server: Server
  /** Commands heard before and after TLS */
  clear: string[]
  secure: string[]
  messages: string[]
}

/** A mail host on an address of its own in 127/8, all on one port, since MX records name no port. */
function listen(address: string, tls: { key: string; cert: string } | null, extensions: string[] = []): Promise<Host> {
  const host: Host = { address, server: createServer(), clear: [], secure: [], messages: [] }
  const serve = (socket: Socket, lines: string[]) => {
    let buffer = ''
    let data = false
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      buffer += chunk.toString('latin1')
      for (;;) {
        const end = data ? buffer.indexOf('\r\n.\r\n') : buffer.indexOf('\r\n')
        if (end < 0) return
        const line = buffer.slice(0, end)
        buffer = buffer.slice(end + (data ? 5 : 2))
        if (data) {
          data = false
          host.messages.push(line)
          socket.write('250 2.0.0 taken\r\n')
          continue
        }
        lines.push(line)
        if (line.startsWith('EHLO')) {
          const offers = socket instanceof TLSSocket ? extensions : tls ? ['STARTTLS'] : []
          socket.write(['250-mx', ...offers.map((one) => `250-${one}`), '250 8BITMIME', ''].join('\r\n'))
        } else if (line === 'STARTTLS' && tls) {
          socket.removeAllListeners('data')
          socket.write('220 go\r\n')
          serve(new TLSSocket(socket, { isServer: true, ...tls }), host.secure)
          return
        } else if (line === 'DATA') {
          data = true
          socket.write('354 go\r\n')
        } else if (line === 'QUIT') socket.end('221 bye\r\n')
        else socket.write('250 ok\r\n')
      }
    })
  }
  host.server.on('connection', (socket) => {
    socket.write('220 mx\r\n')
    serve(socket, host.clear)
  })
  return new Promise((resolve) => host.server.listen(PORTS.smtp, address, () => resolve(host)))
}

/** The cases of T-08: which zone, what its mail host shows, what its policy says, and what must become of mail to it. */
interface Case {
  name: string
  zone: 'signed' | 'plain'
  certificate: 'good' | 'self-signed' | 'other-name' | 'none'
  tlsa?: 'good' | 'wrong'
  sts?: { mode: 'enforce' | 'testing'; mx: 'right' | 'wrong' }
  requireTls?: boolean
  offers?: string[]
  outcome: 'delivered' | 'deferred' | 'failed'
  /** How the trace names it */
  trace: Partial<TraceStep['detail']>
}

const CASES: readonly Case[] = [
  {
    name: 'dane',
    zone: 'signed',
    certificate: 'self-signed',
    tlsa: 'good',
    outcome: 'delivered',
    trace: { dane: 'verified' },
  },
  {
    name: 'danewrong',
    zone: 'signed',
    certificate: 'good',
    tlsa: 'wrong',
    outcome: 'deferred',
    trace: { dane: 'failed validation-failure' },
  },
  {
    name: 'danestrip',
    zone: 'signed',
    certificate: 'none',
    tlsa: 'good',
    outcome: 'deferred',
    trace: { dane: 'failed starttls-not-supported' },
  },
  {
    name: 'daneplain',
    zone: 'plain',
    certificate: 'self-signed',
    tlsa: 'wrong',
    outcome: 'delivered',
    trace: { dane: 'none' },
  },
  {
    name: 'danebeats',
    zone: 'signed',
    certificate: 'good',
    tlsa: 'wrong',
    sts: { mode: 'enforce', mx: 'right' },
    outcome: 'deferred',
    trace: { dane: 'failed validation-failure' },
  },
  {
    name: 'enforce',
    zone: 'plain',
    certificate: 'good',
    sts: { mode: 'enforce', mx: 'right' },
    outcome: 'delivered',
    trace: { mtaSts: 'enforce' },
  },
  {
    name: 'badcert',
    zone: 'plain',
    certificate: 'self-signed',
    sts: { mode: 'enforce', mx: 'right' },
    outcome: 'deferred',
    trace: { mtaSts: 'enforce certificate-not-trusted' },
  },
  {
    name: 'othername',
    zone: 'plain',
    certificate: 'other-name',
    sts: { mode: 'enforce', mx: 'right' },
    outcome: 'deferred',
    trace: { mtaSts: 'enforce certificate-host-mismatch' },
  },
  {
    name: 'wrongmx',
    zone: 'plain',
    certificate: 'good',
    sts: { mode: 'enforce', mx: 'wrong' },
    outcome: 'deferred',
    trace: { mtaSts: 'enforce validation-failure' },
  },
  {
    name: 'stripped',
    zone: 'plain',
    certificate: 'none',
    sts: { mode: 'enforce', mx: 'right' },
    outcome: 'deferred',
    trace: { mtaSts: 'enforce starttls-not-supported' },
  },
  {
    name: 'testing',
    zone: 'plain',
    certificate: 'self-signed',
    sts: { mode: 'testing', mx: 'right' },
    outcome: 'delivered',
    trace: { mtaSts: 'testing certificate-not-trusted' },
  },
  {
    name: 'nothing',
    zone: 'plain',
    certificate: 'self-signed',
    outcome: 'delivered',
    trace: { mtaSts: 'none', dane: 'none' },
  },
  { name: 'cleartext', zone: 'plain', certificate: 'none', outcome: 'delivered', trace: { mtaSts: 'none' } },
  {
    name: 'require',
    zone: 'signed',
    certificate: 'self-signed',
    tlsa: 'good',
    requireTls: true,
    offers: ['REQUIRETLS'],
    outcome: 'delivered',
    trace: { dane: 'verified' },
  },
  {
    name: 'requireno',
    zone: 'signed',
    certificate: 'self-signed',
    tlsa: 'good',
    requireTls: true,
    outcome: 'failed',
    trace: {},
  },
  {
    name: 'requireplain',
    zone: 'plain',
    certificate: 'good',
    requireTls: true,
    offers: ['REQUIRETLS'],
    outcome: 'failed',
    trace: {},
  },
]

/** What is kept of destinations, in memory. */
function keep(): Destinations {
  const kept = new Map<string, { policy: StsPolicy; until: Date }>()
  return {
    failed: async () => new Date(),
    answered: async () => undefined,
    policy: async (domain) => kept.get(domain) ?? null,
    keepPolicy: async (domain, policy, until) => void kept.set(domain, { policy, until }),
  }
}

describeWith(['named', 'dnssec-keygen', 'dnssec-signzone', 'unbound'], 'TLS on the way out (T-08)', () => {
  let home: string
  let authority: Authority
  let zones: Zones
  let policies: HttpsServer
  const hosts = new Map<string, Host>()
  const domainOf = (one: Case) => `${one.name}.${one.zone}.test`

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'mt-zones-'))
    authority = makeAuthority(home)
    const stranger = mkdtempSync(join(home, 'stranger-'))
    const other = makeAuthority(stranger)
    const records = { signed: '', plain: '' }
    const contexts = new Map<string, { key: string; cert: string }>()
    const texts = new Map<string, string>()
    for (const [i, one] of CASES.entries()) {
      const domain = domainOf(one)
      const mx = `mx.${domain}`
      const tls =
        one.certificate === 'none'
          ? null
          : one.certificate === 'good'
            ? authority.certificate(mx)
            : one.certificate === 'other-name'
              ? authority.certificate(`elsewhere.${domain}`)
              : other.certificate(mx)
      const address = `127.0.83.${i + 10}`
      hosts.set(one.name, await listen(address, tls, one.offers))
      let text = `${one.name} IN MX 10 mx.${one.name}\nmx.${one.name} IN A ${address}\n`
      if (one.tlsa) {
        const right = tls ? authority.spki(tls.cert) : 'ab'.repeat(32)
        text += `_25._tcp.mx.${one.name} IN TLSA 3 1 1 ${one.tlsa === 'good' ? right : 'cd'.repeat(32)}\n`
      }
      if (one.sts) {
        text += `_mta-sts.${one.name} IN TXT "v=STSv1; id=20261124;"\nmta-sts.${one.name} IN A 127.0.83.9\n`
        contexts.set(`mta-sts.${domain}`, authority.certificate(`mta-sts.${domain}`))
        const named = one.sts.mx === 'right' ? mx : `mx.other.${domain}`
        texts.set(`mta-sts.${domain}`, `version: STSv1\r\nmode: ${one.sts.mode}\r\nmx: ${named}\r\nmax_age: 86400\r\n`)
      }
      records[one.zone] += text
    }
    zones = await serveZones(home, { signed: records.signed, unsigned: records.plain }, PORTS)
    policies = createHttps({}, (request, response) => {
      const text = texts.get(request.headers.host ?? '')
      response.writeHead(text === undefined ? 404 : 200, { 'content-type': 'text/plain' }).end(text)
    })
    for (const [name, context] of contexts) policies.addContext(name, context)
    await new Promise<void>((resolve) => policies.listen(PORTS.https, '127.0.83.9', () => resolve()))
  }, 60_000)

  afterAll(async () => {
    for (const { server } of hosts.values()) server.close()
    policies?.close()
    await zones?.stop()
    if (home) rmSync(home, { recursive: true, force: true })
  })

  /** Sends one message to a case's domain and tells how it ended, and what the trace says of the attempt. */
  async function deliver(one: Case, validating = true): Promise<{ outcome: AttemptOutcome; steps: TraceStep[] }> {
    const queue = fakeQueue()
    const directory = fakeDirectory()
    directory.add('alice@our.test')
    const steps: TraceStep[] = []
    const stub = createStubResolver({ servers: [zones.server], validating })
    const destinations = keep()
    const worker = await startDeliver({
      queue,
      directory,
      delivery: fakeDelivery(),
      ...stub,
      sts: createStsPolicies({
        resolver: stub.resolver,
        kept: destinations,
        log: silentLog,
        port: PORTS.https,
        ca: authority.ca,
      }),
      destinations,
      trace: { note: (step) => void steps.push(step), flush: async () => undefined, stop: async () => undefined },
      clock: systemClock,
      log: silentLog,
      hostname: 'mx.our.test',
      concurrency: 4,
      port: PORTS.smtp,
      ca: authority.ca,
    })
    try {
      const leased: Partial<Leased> = {
        recipient: `bob@${domainOf(one)}`,
        traceId: newId<TraceId>(),
        wishes: one.requireTls ? { requireTls: true } : {},
      }
      queue.add(leased)
      await expect.poll(() => queue.outcomes.length, { timeout: 10_000 }).toBe(1)
      const outcome = queue.outcomes[0]?.outcome
      if (!outcome) throw new Error('no outcome')
      return { outcome, steps }
    } finally {
      await worker.stop()
    }
  }

  for (const one of CASES) {
    it(`${one.name}: ${one.outcome}`, async () => {
      const { outcome, steps } = await deliver(one)
      expect(outcome.kind).toBe(one.outcome)
      const host = hosts.get(one.name)
      expect(host?.messages).toHaveLength(one.outcome === 'delivered' ? 1 : 0)
      // Nothing of the envelope is said in the clear where a policy asks for more.
      if (one.name !== 'cleartext') expect(host?.clear.filter((line) => /^(MAIL|RCPT)/.test(line))).toEqual([])
      const attempt = steps.filter(({ step }) => step === 'attempt').at(-1)
      expect(attempt?.detail ?? {}).toMatchObject(one.trace)
    }, 20_000)
  }

  it('asks for no DANE when the name server is not known to validate', async () => {
    const [dane] = CASES.filter(({ name }) => name === 'danewrong')
    if (!dane) throw new Error('no such case')
    const { outcome } = await deliver(dane, false)
    expect(outcome.kind).toBe('delivered')
  })
})
