import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DomainId, newId, type ReportId } from '#lib/ids'
import type { StoredReport } from '#mailcore/api'
import { readReports, saveReport } from '#mailcore/reports/store'
import { getDomainReports } from '#server/services/report/get-domain-reports'
import { hintsOf } from '#server/services/report/hints'
import { summarise } from '#server/services/report/summarise'
import { createWorld, faultOf, type TestAccount, type TestTenant, type World } from '#tests/helpers/world'

type Dmarc = Extract<StoredReport, { kind: 'dmarc' }>
type Row = Dmarc['rows'][number]

const now = new Date()
const row = (source: string, messages: number, more: Partial<Row> = {}): Row => ({
  source,
  messages,
  disposition: 'none',
  dkim: 'pass',
  spf: 'pass',
  headerFrom: 'd.example',
  signatures: [],
  sender: null,
  override: null,
  ...more,
})
const dmarc = (rows: Row[], more: Partial<Dmarc> = {}): Dmarc => ({
  kind: 'dmarc',
  id: newId<ReportId>(),
  receivedAt: now,
  organisation: 'Big Mail',
  reportId: newId(),
  submitter: 'verified',
  submitterDomain: 'big.test',
  beginAt: now,
  endAt: now,
  policy: { domain: 'd.example', p: 'none', sp: '', pct: 100 },
  rows,
  rest: { messages: 0, passed: 0 },
  ...more,
})
const tls: StoredReport = {
  ...dmarc([]),
  kind: 'tls',
  policies: [
    {
      type: 'sts',
      succeeded: 90,
      failed: 10,
      failures: [
        {
          type: 'certificate-expired',
          sessions: 10,
          receivingHost: 'mx.d.example',
          sendingAddress: '192.0.2.1',
          reason: '',
        },
      ],
    },
  ],
}

const stranger = row('192.0.2.66', 40, { dkim: 'fail', spf: 'fail' })
const service = row('192.0.2.50', 30, {
  dkim: 'fail',
  spf: 'fail',
  signatures: [{ domain: 'esp.test', result: 'pass' }],
})

describe('summing up', () => {
  it('tells whose servers they are', () => {
    const { dmarc: sum } = summarise([
      dmarc([
        row('192.0.2.1', 100),
        stranger,
        service,
        row('192.0.2.30', 20, { dkim: 'fail' }),
        row('192.0.2.20', 10, { spf: 'fail', sender: { domain: 'lists.test', result: 'pass' } }),
      ]),
      dmarc([row('192.0.2.1', 5)], { organisation: 'Small Mail' }),
    ])
    expect(sum.sources.map(({ address, kind, messages }) => [address, kind, messages])).toEqual([
      ['192.0.2.1', 'yours', 105],
      ['192.0.2.66', 'stranger', 40],
      ['192.0.2.50', 'service', 30],
      ['192.0.2.30', 'unsigned', 20],
      ['192.0.2.20', 'forwarded', 10],
    ])
    expect(sum).toMatchObject({ reports: 2, messages: 205, passed: 135, policy: 'none' })
    expect(sum.sources[0]?.organisations).toEqual(['Big Mail', 'Small Mail'])
    expect(sum.sources[2]?.service).toBe('esp.test')
  })

  it('lists so many and loses none', () => {
    const many = Array.from({ length: 700 }, (_, n) => row(`10.0.${n >> 8}.${n & 255}`, 700 - n))
    const { dmarc: sum } = summarise([dmarc(many, { rest: { messages: 9, passed: 4 } })])
    expect(sum.sources).toHaveLength(500)
    expect(sum.rest).toEqual({ messages: 9 + (200 * 201) / 2, passed: 4 + (200 * 201) / 2 })
    expect(sum.messages).toBe((700 * 701) / 2 + 9)
  })

  it('adds TLS failures up by kind', () => {
    expect(summarise([tls, tls]).tls).toEqual({
      reports: 2,
      succeeded: 180,
      failed: 20,
      failures: [{ type: 'certificate-expired', sessions: 20, hosts: ['mx.d.example'], organisations: ['Big Mail'] }],
    })
  })
})

describe('hints', () => {
  const titles = (reports: StoredReport[]) => hintsOf('d.example', summarise(reports)).map(({ title }) => title)

  it('say what to publish while nothing has come', () => {
    expect(hintsOf('d.example', summarise([]))[0]?.text).toContain('rua=mailto:dmarc-reports@d.example')
  })

  it('name servers that send as the domain, and TLS failures before them', () => {
    expect(titles([dmarc([row('192.0.2.1', 500), stranger, service]), tls])).toEqual([
      'A certificate had expired',
      'A server you did not list sends as you: 192.0.2.66',
      'esp.test sends as you from 192.0.2.50',
    ])
  })

  it('advise a stricter policy only once everything of one’s own passes', () => {
    const good = row('192.0.2.1', 500)
    expect(titles([dmarc([good, stranger])])).toContain('You can ask for more: p=quarantine')
    expect(titles([dmarc([good, service])])).not.toContain('You can ask for more: p=quarantine')
    expect(titles([dmarc([row('192.0.2.1', 5)])])).toEqual([])
    const reject = { policy: { domain: 'd.example', p: 'reject', sp: '', pct: 100 } }
    expect(titles([dmarc([good], reject)])).toEqual(['Your mail passes, and what is not yours is refused'])
  })
})

describe('the reports of a domain', () => {
  let world: World
  let tenant: TestTenant
  let admin: TestAccount
  let domain: { id: DomainId; name: string }
  const ask = (actor: TestAccount['actor'], more: { unproven?: boolean } = {}) =>
    getDomainReports(world.ctx, actor, { tenantId: tenant.id, domainId: domain.id, days: 30, ...more })

  beforeAll(async () => {
    world = await createWorld()
    tenant = await world.makeTenant({ resellerId: (await world.makeReseller()).id })
    domain = await world.makeDomain(tenant.id, 'd.example')
    admin = await world.makeAccount(tenant, { address: 'boss@d.example', role: 'admin' })
    const place = { tenantId: tenant.id, region: tenant.region, domainId: domain.id }
    const parts = { db: world.db, keys: world.core.keys }
    await saveReport(parts, place, dmarc([row('192.0.2.1', 10)]), now)
    await saveReport(parts, place, dmarc([stranger], { submitter: 'unverified' }), now)
    await saveReport(parts, place, dmarc([stranger], { beginAt: new Date(now.getTime() - 40 * 86_400_000) }), now)
  }, 120_000)
  afterAll(() => world?.close())

  it('leave out what nobody is proven to have sent, unless asked for', async () => {
    expect(await ask(admin.actor)).toMatchObject({ unproven: 1, dmarc: { reports: 1, messages: 10 } })
    expect(await ask(admin.actor, { unproven: true })).toMatchObject({ dmarc: { reports: 2, messages: 50 } })
  })

  it('are for the domain’s admin: not for a member, nor for another tenant’s', async () => {
    const member = await world.makeAccount(tenant, { address: 'ann@d.example' })
    expect((await faultOf(ask(member.actor))).code).toBe('NOT_FOUND')
    const far = await world.makeHouse({ region: 'ca' })
    const farAdmin = await world.makeAccount(far.tenant, { address: `boss@${far.domain}`, role: 'admin' })
    expect((await faultOf(ask(farAdmin.actor))).code).toBe('NOT_FOUND')
    const theirs = { tenantId: far.tenant.id, domainId: domain.id, days: 30 }
    expect((await faultOf(getDomainReports(world.ctx, farAdmin.actor, theirs))).code).toBe('NOT_FOUND')
  })

  it('do not open with another tenant’s key', async () => {
    const far = await world.makeTenant({ resellerId: tenant.resellerId, region: tenant.region })
    const place = { tenantId: far.id, region: far.region, domainId: domain.id }
    const none = await world.core.reports(place, { since: new Date(0), limit: 10 })
    expect(none).toEqual({ reports: [], unreadable: 0 })
    const parts = { db: world.db, keys: { tenantKey: () => world.core.keys.tenantKey(far.id) } }
    const stolen = await readReports(parts, { ...place, tenantId: tenant.id }, { since: new Date(0), limit: 10 })
    expect(stolen).toEqual({ reports: [], unreadable: 3 })
  })
})
