import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS } from '#lib/clock'
import { type DomainId, newId, type QueueId, type TraceId } from '#lib/ids'
import { silentLog } from '#lib/log'
import type { Leased, Resolution, TraceStep } from '#mailcore/ports'
import { createWorld, type TestTenant, type World } from '#tests/helpers/world'
import { createReportReader, type ReportReader } from './reader'
import { readReports } from './store'
import { dmarcXml, gz, reportMail, tlsJson } from './testing'

let world: World
let tenant: TestTenant
let other: TestTenant
let domain: { id: DomainId; name: string }
let reader: ReportReader
const noted: TraceStep[] = []

beforeAll(async () => {
  world = await createWorld()
  const reseller = await world.makeReseller()
  tenant = await world.makeTenant({ resellerId: reseller.id })
  other = await world.makeTenant({ resellerId: reseller.id, region: 'ca' })
  domain = await world.makeDomain(tenant.id, 'd.example')
  await world.makeDomain(other.id, 'other.example')
  const { db, core, clock } = world
  const trace = { note: (step: TraceStep) => void noted.push(step) }
  reader = createReportReader({ db, keys: core.keys, clock, log: silentLog, hostname: 'mx.test', trace })
}, 120_000)
afterAll(() => world?.close())

async function handle(raw: Buffer, recipient = 'dmarc-reports@d.example', of: TestTenant = tenant) {
  const leased: Leased = {
    id: newId<QueueId>(),
    position: 0,
    region: of.region,
    tenantId: of.id,
    accountId: newId(),
    sender: 'noreply@big.test',
    recipient,
    raw,
    smtpUtf8: false,
    queuedAt: new Date(),
    attempts: 1,
    token: 1n,
    origin: 'automatic',
    traceId: newId<TraceId>(),
    wishes: {},
    failure: null,
  }
  const to: Extract<Resolution, { kind: 'handover' }> = {
    kind: 'handover',
    to: 'reports',
    tenantId: of.id,
    region: of.region,
    listId: null,
  }
  return reader.handle(leased, to)
}

const kept = () =>
  readReports(
    { db: world.db, keys: world.core.keys },
    { tenantId: tenant.id, region: tenant.region, domainId: domain.id },
    { since: new Date(Date.now() - 10 * DAY_MS), limit: 100 },
  )

describe('the reader of reports', () => {
  it('keeps a report under the tenant key, once, with who is proven to have sent it', async () => {
    const fields = `Authentication-Results: mx.test;\r\n spf=pass smtp.mailfrom=big.test;\r\n dmarc=pass (p=reject) header.from=big.test\r\n`
    const raw = reportMail(gz(dmarcXml()), { fields })
    expect(await handle(raw)).toEqual({ kind: 'delivered' })
    expect(await handle(raw)).toEqual({ kind: 'delivered' })
    const { reports, unreadable } = await kept()
    expect(unreadable).toBe(0)
    expect(reports).toHaveLength(1)
    expect(reports[0]).toMatchObject({ kind: 'dmarc', submitter: 'verified', submitterDomain: 'big.test' })
    expect(reports[0]?.beginAt).toBeInstanceOf(Date)
    const [row] = await world.db
      .mail(tenant.region)
      .withTenant(tenant.id, (tx) => tx<{ sealed: Buffer }[]>`select sealed from report`)
    expect(row?.sealed.includes('Big Mail')).toBe(false)
  })

  it.each([
    ['no word of ours', ''],
    ["another host's word", 'Authentication-Results: mx.evil.test; dmarc=pass header.from=big.test\r\n'],
    ['a pass of another domain', 'Authentication-Results: mx.test; dmarc=pass header.from=evil.test\r\n'],
    ['a fail', 'Authentication-Results: mx.test; dmarc=fail header.from=big.test\r\n'],
  ])('notes a submitter that is not proven: %s', async (why, fields) => {
    await handle(reportMail(gz(dmarcXml({ reportId: why })), { fields }))
    const { reports } = await kept()
    expect(reports.find(({ reportId }) => reportId === why)?.submitter).toBe('unverified')
  })

  it("cannot be made to hide one organisation's report behind another's of the same id", async () => {
    const before = (await kept()).reports.length
    await handle(reportMail(gz(dmarcXml({ reportId: 'same' })), { from: 'x@evil.test' }))
    await handle(reportMail(gz(dmarcXml({ reportId: 'same' }))))
    expect((await kept()).reports.length).toBe(before + 2)
  })

  it('keeps of a TLS report what is about the domain addressed', async () => {
    const mine = tlsJson({ reportId: 'two' })
    const [foreign] = tlsJson({ domain: 'other.example' }).policies as unknown[]
    ;(mine.policies as unknown[]).push(foreign)
    const raw = reportMail(gz(JSON.stringify(mine)), { type: 'application/tlsrpt+gzip', name: 'r.json.gz' })
    await handle(raw, 'tls-reports@d.example')
    const found = (await kept()).reports.find(({ kind }) => kind === 'tls')
    expect(found?.kind === 'tls' && found.policies).toHaveLength(1)
  })

  it('drops, counts and never bounces what is not about the very domain addressed, or is of no time near', async () => {
    const before = (await kept()).reports.length
    const count = (why: 'other-domain' | 'wrong-time' | 'no-report') => reader.dropped.get(why) ?? 0
    expect(await handle(reportMail(gz(dmarcXml({ domain: 'sub.d.example' }))))).toEqual({ kind: 'delivered' })
    expect(await handle(reportMail(gz(dmarcXml({ domain: 'other.example' }))))).toEqual({ kind: 'delivered' })
    // A recipient of one tenant, resolved to another: the domain decides.
    expect(await handle(reportMail(gz(dmarcXml())), 'dmarc-reports@d.example', other)).toEqual({ kind: 'delivered' })
    expect(await handle(reportMail(gz(dmarcXml())), 'dmarc-reports@gone.example')).toEqual({ kind: 'delivered' })
    expect(count('other-domain')).toBe(4)
    await handle(reportMail(gz(dmarcXml({ begin: new Date(Date.now() - 50 * DAY_MS) }))))
    await handle(reportMail(gz(dmarcXml({ begin: new Date(Date.now() + 3 * DAY_MS) }))))
    expect(count('wrong-time')).toBe(2)
    await handle(Buffer.from('hello'))
    expect(count('no-report')).toBe(1)
    expect((await kept()).reports.length).toBe(before)
    expect(noted.filter(({ detail }) => detail.outcome === 'refused')).toHaveLength(7)
    expect(noted.at(-1)?.detail).toEqual({
      into: 'reports',
      outcome: 'refused',
      findings: [{ check: 'report', result: 'no-report' }],
    })
  })

  it('waits through an outage instead of dropping', async () => {
    const { db, clock } = world
    const tenantKey = () => Promise.reject(new Error('away'))
    const broken = createReportReader({ db, keys: { tenantKey }, clock, log: silentLog, hostname: 'mx.test' })
    const before = reader
    reader = broken
    await expect(handle(reportMail(gz(dmarcXml({ reportId: 'later' }))))).rejects.toThrow('away')
    reader = before
  })

  it('takes no more than a share of a day for one domain', async () => {
    const { length } = (await kept()).reports
    await world.db.mail(tenant.region).withTenant(
      tenant.id,
      (tx) => tx`insert into report (tenant_id, id, domain_id, kind, report_hash, begin_day, received_at, sealed)
                 select ${tenant.id}::uuid, gen_random_uuid(), ${domain.id}::uuid, 'dmarc', decode(md5(n::text), 'hex'), now() - interval '40 days', now(), ''
                 from generate_series(1, ${500 - length}) n`,
    )
    await handle(reportMail(gz(dmarcXml({ reportId: 'one too many' }))))
    expect(reader.dropped.get('too-many-reports')).toBe(1)
    expect((await kept()).reports.length).toBe(length)
  })
})
