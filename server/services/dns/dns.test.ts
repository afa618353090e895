import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '#lib/clock'
import type { DomainId } from '#lib/ids'
import { checkDns as checkJob } from '#server/jobs/check-dns'
import { SYSTEM } from '#server/services'
import { listTenantAudit } from '#server/services/audit/list-for-tenant'
import { listAmiss } from '#server/services/dns/amiss'
import { checkDns } from '#server/services/dns/check'
import { seeRecord } from '#server/services/dns/compare'
import { dnsPlan, type PlannedRecord, zoneFile } from '#server/services/dns/plan'
import { readDns } from '#server/services/dns/read'
import { stsId, stsPolicy } from '#server/services/dns/sts-policy'
import { setDomainMtaSts } from '#server/services/domain/set-mta-sts'
import { type FakeDns, fakeDns } from '#tests/helpers/dns'
import { createWorld, faultOf, type TestTenant, type World } from '#tests/helpers/world'

const LONG = 'A'.repeat(392)
const PLAN = dnsPlan({
  domain: 'd.example',
  hostname: 'mail.test',
  mtaSts: 'testing',
  dkim: [
    { selector: 'r1', algorithm: 'rsa-sha256', publicKey: LONG, state: 'active' },
    { selector: 'e1', algorithm: 'ed25519-sha256', publicKey: 'B'.repeat(44), state: 'pending' },
  ],
})
const planned = (id: string): PlannedRecord => PLAN.find((one) => one.id === id) ?? expect.unreachable(id)

describe('the plan', () => {
  it('names every record once, with a reason', () => {
    expect(PLAN.map(({ id }) => id)).toEqual([
      'mx',
      'spf',
      'dkim:r1',
      'dkim:e1',
      'dmarc',
      'mta-sts',
      'mta-sts-host',
      'tls-rpt',
      'autoconfig',
      'autodiscover',
      'srv:submissions',
      'srv:imaps',
      'srv:pop3s',
      'srv:sieve',
      'srv:autodiscover',
      'caa',
      'tlsa',
    ])
    for (const { why } of PLAN) expect(why).toMatch(/\.$/)
    expect(PLAN.filter(({ required }) => required).map(({ id }) => id)).toEqual([
      'mx',
      'spf',
      'dkim:r1',
      'dkim:e1',
      'dmarc',
    ])
    expect(planned('mta-sts-host').name).toBe('mta-sts.d.example')
    expect(planned('srv:sieve')).toMatchObject({ name: '_sieve._tcp.d.example', value: '0 1 4190 mail.test.' })
  })

  it('is a zone file in which a long text stands in pieces of at most 255 bytes', () => {
    const zone = zoneFile('d.example', PLAN)
    const line = zone.split('\n').find((one) => one.startsWith('r1._domainkey.d.example.'))
    const pieces = [...(line ?? '').matchAll(/"([^"]*)"/g)].map((found) => found[1] ?? '')
    expect(pieces.length).toBe(2)
    expect(Math.max(...pieces.map((piece) => piece.length))).toBe(255)
    expect(pieces.join('')).toBe(`v=DKIM1; k=rsa; p=${LONG}`)
    expect(zone).toMatch(/^d\.example\.\t3600\tIN\tMX\t10 mail\.test\.$/m)
    expect(zone).toMatch(/^; optional: .*CAA/m)
    expect(zone).not.toMatch(/TLSA/)
  })

  it('has another id for MTA-STS whenever the policy differs', () => {
    expect(
      new Set([
        stsId('none', 'a.test'),
        stsId('testing', 'a.test'),
        stsId('enforce', 'a.test'),
        stsId('enforce', 'b.test'),
      ]).size,
    ).toBe(4)
    expect(stsId('testing', 'a.test')).toMatch(/^[a-z0-9]{1,32}$/)
    expect(stsPolicy('enforce', 'a.test')).toBe('version: STSv1\r\nmode: enforce\r\nmx: a.test\r\nmax_age: 1209600\r\n')
  })
})

describe('what is found', () => {
  let dns: FakeDns
  beforeEach(() => {
    dns = fakeDns()
  })
  const state = async (id: string) => (await seeRecord(dns, planned(id))).state

  it.each([
    ['spf', ['v=spf1 mx ~all'], 'right'],
    ['spf', ['v=spf1 include:other.example mx -all', 'unrelated'], 'right'],
    ['spf', ['v=spf1 include:other.example -all'], 'wrong'],
    ['spf', ['v=spf1 mx +all'], 'wrong'],
    ['spf', ['v=spf1 mx ~all', 'v=spf1 -all'], 'wrong'],
    ['spf', ['unrelated'], 'missing'],
    ['dmarc', ['v=DMARC1; p=reject; rua=mailto:x@y.example,mailto:dmarc-reports@d.example!10m'], 'right'],
    ['dmarc', ['v=DMARC1; p=reject'], 'wrong'],
    ['dmarc', ['v=DMARC1; rua=mailto:dmarc-reports@d.example'], 'wrong'],
    ['dkim:r1', [`v=DKIM1; p=${LONG}`], 'right'],
    ['dkim:r1', [`p=${LONG}`], 'right'],
    ['dkim:r1', ['v=DKIM1; k=rsa; p='], 'wrong'],
    ['dkim:e1', [`v=DKIM1; p=${'B'.repeat(44)}`], 'wrong'],
    ['dkim:e1', [`v=DKIM1; k=ed25519; p=${'B'.repeat(44)}`], 'right'],
    ['mta-sts', ['v=STSv1; id=old;'], 'wrong'],
    ['tls-rpt', ['v=TLSRPTv1; rua=mailto:tls-reports@d.example'], 'right'],
    ['tls-rpt', ['v=TLSRPTv1; rua=https://x.example/'], 'wrong'],
  ] as const)('%s %j is %s', async (id, texts, expected) => {
    dns.set('txt', planned(id).name, [...texts])
    expect(await state(id)).toBe(expected)
  })

  it('a second mail host is wrong, another number is not', async () => {
    expect(await state('mx')).toBe('missing')
    dns.set('mx', 'd.example', [{ host: 'mail.test', priority: 50 }])
    expect(await state('mx')).toBe('right')
    dns.set('mx', 'd.example', [
      { host: 'mail.test', priority: 10 },
      { host: 'old.example', priority: 20 },
    ])
    expect(await seeRecord(dns, planned('mx'))).toEqual({ state: 'wrong', found: '10 mail.test\n20 old.example' })
  })

  it('an alias may be written as the same addresses', async () => {
    dns.set('addresses', 'mail.test', ['192.0.2.1', '2001:db8::1'])
    dns.set('addresses', 'autoconfig.d.example', ['192.0.2.1'])
    expect(await state('autoconfig')).toBe('right')
    dns.set('addresses', 'autoconfig.d.example', ['192.0.2.9'])
    expect(await state('autoconfig')).toBe('wrong')
    dns.set('cname', 'autoconfig.d.example', ['mail.test'])
    expect(await state('autoconfig')).toBe('right')
  })

  it('nothing is known where nobody answers, and odd bytes are not shown', async () => {
    dns.set('txt', 'd.example', ['v=spf1 \u001b[31m\u00e9'])
    expect((await seeRecord(dns, planned('spf'))).found).toBe('v=spf1 ?[31m?')
    dns.fail(true)
    for (const record of PLAN) expect((await seeRecord(dns, record)).state).toBe('unknown')
  })
})

describe('checks that are kept', () => {
  let w: World
  let tenant: TestTenant
  let at: { tenantId: TestTenant['id']; domainId: DomainId }
  let name: string
  beforeAll(async () => {
    w = await createWorld()
    const house = await w.makeHouse()
    tenant = house.tenant
    const domain = await w.makeDomain(tenant.id)
    name = domain.name
    at = { tenantId: tenant.id, domainId: domain.id }
  }, 60_000)
  afterAll(() => w.close())

  const stateOf = async (id: string) =>
    (await readDns(w.ctx, SYSTEM, at)).records.find((record) => record.id === id)?.state
  const told = async () =>
    (await listTenantAudit(w.ctx, SYSTEM, { tenantId: tenant.id, limit: 200 })).items.filter(
      ({ action }) => action === 'domain.dns-broken',
    )

  it('tell once when a record was right and is no more, and not while nobody answers', async () => {
    w.dns.set('mx', name, [{ host: 'mail.test', priority: 10 }])
    expect(await stateOf('mx')).toBe('unknown')
    await checkDns(w.ctx, SYSTEM, at)
    expect(await stateOf('mx')).toBe('right')
    expect(await told()).toEqual([])
    w.dns.fail(true)
    await checkDns(w.ctx, SYSTEM, at)
    expect(await stateOf('mx')).toBe('right')
    w.dns.fail(false)
    w.dns.set('mx', name, [{ host: 'thief.example', priority: 10 }])
    await checkDns(w.ctx, SYSTEM, at)
    await checkDns(w.ctx, SYSTEM, at)
    expect(await stateOf('mx')).toBe('wrong')
    expect((await told()).map(({ facts }) => facts)).toEqual([{ domain: at.domainId, record: 'mx', state: 'wrong' }])
    const amiss = await listAmiss(w.ctx, SYSTEM, at)
    // mx, spf, two signing keys, dmarc
    expect(amiss).toEqual([{ domainId: at.domainId, records: 5 }])
  })

  it('are made again by the worker after a day, hourly while a key waits', async () => {
    await checkJob.run(w.ctx)
    expect(await checkJob.run(w.ctx)).toBe(0)
    w.clock.advance(HOUR_MS + 1_000)
    expect(await checkJob.run(w.ctx)).toBeGreaterThan(0)
    const { records } = await readDns(w.ctx, SYSTEM, at)
    for (const one of records) if (one.id.startsWith('dkim:')) w.dns.set('txt', one.name, [one.expected])
    await checkDns(w.ctx, SYSTEM, at)
    w.clock.advance(DAY_MS + 1_000)
    await checkJob.run(w.ctx)
    const after = (await readDns(w.ctx, SYSTEM, at)).records[0]?.checkedAt
    expect(after && Math.abs(after.getTime() - w.clock.now().getTime()) < 60_000).toBe(true)
  })

  it('follow the policy that is set, which only those above the domain may', async () => {
    await setDomainMtaSts(w.ctx, SYSTEM, { ...at, mode: 'enforce' })
    const { domain, records } = await readDns(w.ctx, SYSTEM, at)
    expect(domain.mtaSts).toBe('enforce')
    expect(records.find(({ id }) => id === 'mta-sts')?.expected).toBe(`v=STSv1; id=${stsId('enforce', 'mail.test')}`)
    const member = await w.makeAccount(tenant, { address: `m@${name}` })
    expect((await faultOf(setDomainMtaSts(w.ctx, member.actor, { ...at, mode: 'none' }))).code).toBe('NOT_FOUND')
    const other = await w.makeReseller()
    expect((await faultOf(setDomainMtaSts(w.ctx, other.actor, { ...at, mode: 'none' }))).code).toBe('NOT_FOUND')
  })
})
