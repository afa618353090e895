import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId, type TraceId } from '#lib/ids'
import { silentLog } from '#lib/log'
import type { Outgoing, TraceDetail } from '#mailcore/ports'
import { createWorld, type TestTenant, type World } from '#tests/helpers/world'
import { createDmarcDay, createTlsDay, type DayLine, isAligned } from './aggregate'
import { findAttachment } from './attachment'
import { type ReadDay, sendDailyReports } from './daily'
import { mayReceive, parseDestination, parseDmarcRecord, parseTlsRecord, policyNames } from './policy-record'
import { readReport } from './read-report'
import { type ReportSenderParts, sendReports } from './send'
import { writeDmarcReport } from './write-dmarc'

const BEGIN = new Date('2026-11-23T00:00:00Z')

const line = (step: DayLine['step'], detail: TraceDetail, more: Partial<DayLine> = {}): DayLine => ({
  traceId: newId<TraceId>(),
  direction: 'in',
  step,
  detail,
  ...more,
})
const checked = (
  from: string,
  peer: string,
  of: { dmarc?: string; spf?: [string, string]; dkim?: [string, string][]; into?: string; to?: string[] } = {},
) =>
  line('checked', {
    peer,
    ...(of.into ? { into: of.into } : {}),
    recipients: of.to ?? ['ann@our.example'],
    findings: [
      ...(of.spf ? [{ check: 'spf', about: of.spf[0], result: of.spf[1] }] : []),
      ...(of.dkim ?? []).map(([about, result]) => ({ check: 'dkim', about, result })),
      { check: 'dmarc', about: from, result: of.dmarc ?? 'pass' },
    ],
  })
const addAll = (day: ReturnType<typeof createDmarcDay>, lines: DayLine[]) => {
  const tenant = day.addTenant()
  for (const one of lines) tenant.add([one])
  tenant.end()
}
const groupsOf = (...lines: DayLine[]) => {
  const day = createDmarcDay()
  addAll(day, lines)
  return day.groups()
}

describe('gathering a day of incoming mail', () => {
  it('counts messages that are alike once each, over tenants', () => {
    const day = createDmarcDay()
    const one = () => checked('a.example', '192.0.2.1', { spf: ['a.example', 'pass'] })
    addAll(day, [one(), one(), checked('a.example', '192.0.2.2')])
    addAll(day, [one()])
    expect(day.groups().map(({ source, messages }) => [source, messages])).toEqual([
      ['192.0.2.1', 3],
      ['192.0.2.2', 1],
    ])
  })

  it('takes the lines of one message together', () => {
    const refused = checked('a.example', '192.0.2.1', { dmarc: 'fail' })
    const { traceId } = refused
    const [group, ...others] = groupsOf(
      line('accepted', { peer: '192.0.2.1' }, { traceId }),
      refused,
      line('refused', { code: 550 }, { traceId }),
    )
    expect(others).toEqual([])
    expect(group).toMatchObject({ source: '192.0.2.1', disposition: 'reject', messages: 1 })
  })

  it('tells quarantine from spam folders, and calls a pass that was refused for another reason no act of DMARC', () => {
    const dispositions = groupsOf(
      checked('a.example', '192.0.2.1', { dmarc: 'fail', into: 'quarantine' }),
      checked('a.example', '192.0.2.2', { dmarc: 'fail', into: 'junk' }),
      checked('a.example', '192.0.2.3', { dmarc: 'pass', into: 'quarantine' }),
    ).map(({ disposition }) => disposition)
    expect(dispositions).toEqual(['quarantine', 'none', 'none'])
  })

  it('leaves out reports themselves, what went out, and what has no author or server', () => {
    expect(
      groupsOf(
        checked('a.example', '192.0.2.1', { to: ['dmarc-reports@our.example'] }),
        checked('a.example', '192.0.2.1', { into: 'reports' }),
        checked('', '192.0.2.1'),
        checked('a.example', 'garbage'),
        { ...checked('a.example', '192.0.2.1'), direction: 'out' },
      ),
    ).toEqual([])
  })
})

describe('alignment', () => {
  it.each([
    ['a.example', 'a.example', 's', true],
    ['mail.a.example', 'a.example', 's', false],
    ['mail.a.example', 'a.example', 'r', true],
    ['a.example', 'mail.a.example', 'r', true],
    ['x.a.example', 'y.a.example', 'r', true],
    ['ba.example', 'a.example', 'r', false],
    ['', 'a.example', 'r', false],
  ] as const)('of %s for %s (%s) is %s', (proven, author, mode, expected) => {
    expect(isAligned(proven, author, { mode, policyDomain: 'a.example' })).toBe(expected)
  })
})

describe('records', () => {
  it('are read as RFC 7489 6.3 writes them, one of them or none', () => {
    expect(
      parseDmarcRecord(['v=DMARC1; p=reject; adkim=s; pct=50; rua=mailto:a@b.example!10m,mailto:c@d.example']),
    ).toEqual({
      p: 'reject',
      sp: 'reject',
      adkim: 's',
      aspf: 'r',
      pct: 50,
      rua: [
        { address: 'a@b.example', domain: 'b.example', mostBytes: 10 * 1024 * 1024 },
        { address: 'c@d.example', domain: 'd.example', mostBytes: null },
      ],
    })
    expect(parseDmarcRecord(['v=DMARC1; p=none', 'v=DMARC1; p=reject'])).toBeNull()
    expect(parseDmarcRecord(['v=DMARC12; p=none', 'v=spf1 -all'])).toBeNull()
    expect(
      parseTlsRecord(['v=TLSRPTv1; rua=mailto:t@b.example,https://b.example/x'])?.map(({ address }) => address),
    ).toEqual(['t@b.example'])
    const many = Array.from({ length: 40 }, (_, n) => `mailto:r${n}@b.example`).join(',')
    expect(parseDmarcRecord([`v=DMARC1; p=none; rua=${many}`])?.rua).toHaveLength(4)
  })

  it.each([
    'https://b.example/',
    'mailto:no-address',
    'mailto:a@b.example!10x',
    'mailto:a@b.example?bcc=c@d.example',
    'mailto:a%0d%0a@b.example',
    'mailto:%zz@b.example',
  ])('refuse %s as a destination', (uri) => expect(parseDestination(uri)).toBeNull())

  it('say who may be sent reports about somebody else (7.1)', async () => {
    const to = (address: string) => parseDestination(`mailto:${address}`) ?? expect.fail()
    const txt = async (name: string) => {
      if (name === 'a.example._report._dmarc.yes.example') return ['v=DMARC1;']
      if (name.endsWith('.away.example')) throw new Error('away')
      return []
    }
    const may = (address: string) => mayReceive('a.example', to(address), txt)
    expect(await may('x@a.example')).toBe(true)
    expect(await may('x@in.a.example')).toBe(true)
    expect(await may('x@yes.example')).toBe(true)
    expect(await may('x@no.example')).toBe(false)
    expect(await may('x@away.example')).toBe(false)
    expect(await may('x@nota.example')).toBe(false)
  })

  it('are looked for at the author’s domain and above', () => {
    expect(policyNames('a.example')).toEqual(['a.example'])
    expect(policyNames('x.y.a.example')).toEqual(['x.y.a.example', 'y.a.example', 'a.example'])
    expect(policyNames(`${'a.'.repeat(50)}b.example`).length).toBeLessThan(8)
  })
})

describe('a report that is sent', () => {
  let world: World
  let tenant: TestTenant
  let origin: Parameters<typeof sendReports>[1]
  let queued: Outgoing[] = []
  let failing = false
  const records: Record<string, string[]> = {
    '_dmarc.a.example': ['v=DMARC1; p=quarantine; rua=mailto:rep@a.example,mailto:rep@no.example'],
    '_dmarc.small.example': ['v=DMARC1; p=none; rua=mailto:rep@small.example!1k'],
    '_dmarc.quiet.example': ['v=DMARC1; p=none'],
    '_smtp._tls.b.example': ['v=TLSRPTv1; rua=mailto:tls@b.example'],
  }
  let parts: ReportSenderParts

  beforeAll(async () => {
    world = await createWorld()
    tenant = await world.makeTenant({ resellerId: (await world.makeReseller()).id })
    const { id, name } = await world.makeDomain(tenant.id, 'our.example')
    origin = { tenantId: tenant.id, region: tenant.region, domainId: id, domain: name }
    parts = {
      db: world.db,
      clock: world.clock,
      log: silentLog,
      lookupKey: world.lookupKey,
      hostname: 'mx.our.example',
      resolver: { txt: async (asked) => records[asked] ?? [] },
      queue: {
        enqueue: async (message) => {
          if (failing) throw new Error('away')
          queued.push(message)
          return newId()
        },
      },
    }
  }, 120_000)
  afterAll(() => world?.close())

  const dmarc = () =>
    groupsOf(
      checked('a.example', '192.0.2.1', {
        spf: ['bounce.a.example', 'pass'],
        dkim: [['s1._domainkey.a.example', 'pass']],
      }),
      checked('news.a.example', '192.0.2.9', { dmarc: 'fail', spf: ['esp.test', 'pass'], into: 'quarantine' }),
      checked('small.example', '192.0.2.1'),
      checked('quiet.example', '192.0.2.1'),
    )

  it('goes once a domain and day, only to who may have it and wants it, and is read as it was meant', async () => {
    const day = { begin: BEGIN, dmarc: dmarc(), tls: new Map() }
    expect(await sendReports(parts, origin, day)).toBe(1)
    expect(await sendReports(parts, origin, day)).toBe(0)
    expect(queued.map(({ recipients, sender, origin: from }) => [recipients, sender, from])).toEqual([
      [['rep@a.example'], '', 'automatic'],
    ])
    const { raw } = queued[0] ?? expect.fail()
    expect(raw.toString()).toMatch(/^From: <dmarc-reports@our\.example>\r\n/)
    expect(raw.toString()).toMatch(/filename="mx\.our\.example!a\.example!1795392000!1795478399!/)
    expect(
      raw
        .toString()
        .split('\r\n')
        .every((one) => one.length < 200 && !/[\r\n]/.test(one)),
    ).toBe(true)
    expect(await readReport(raw)).toMatchObject({
      organisation: 'mx.our.example',
      policy: { domain: 'a.example', p: 'quarantine' },
      rows: [
        { source: '192.0.2.1', messages: 1, dkim: 'pass', spf: 'pass', disposition: 'none', headerFrom: 'a.example' },
        {
          source: '192.0.2.9',
          messages: 1,
          dkim: 'fail',
          spf: 'fail',
          disposition: 'quarantine',
          headerFrom: 'news.a.example',
        },
      ],
    })
  })

  it('goes later when nothing could be queued', async () => {
    const day = { begin: new Date('2026-11-22T00:00:00Z'), dmarc: dmarc(), tls: new Map() }
    failing = true
    expect(await sendReports(parts, origin, day)).toBe(0)
    failing = false
    expect(await sendReports(parts, origin, day)).toBe(1)
  })

  it('of TLS counts sessions and failures, and leaves its own out', async () => {
    queued = []
    const day = createTlsDay()
    const attempt = (detail: TraceDetail) =>
      line(
        'attempt',
        { sender: 'ann@our.example', recipients: ['x@b.example'], host: 'mx.b.example', ...detail },
        { direction: 'out' },
      )
    day.add([
      attempt({ tls: 'TLSv1.3', mtaSts: 'enforce' }),
      attempt({ mtaSts: 'enforce certificate-expired', text: 'certificate-expired' }),
      attempt({ mtaSts: 'enforce certificate-expired', text: 'certificate-expired' }),
      attempt({ dane: 'failed tlsa-invalid', mtaSts: 'enforce' }),
      attempt({ sender: '', tls: 'TLSv1.3' }),
      attempt({ text: 'mailbox full', code: 452 }),
      attempt({ text: 'ECONNREFUSED' }),
    ])
    expect(await sendReports(parts, origin, { begin: BEGIN, dmarc: [], tls: day.groups() })).toBe(1)
    const { raw } = queued[0] ?? expect.fail()
    expect(raw.toString()).toMatch(
      /\r\nTLS-Report-Domain: b\.example\r\nTLS-Report-Submitter: mx\.our\.example\r\nTLS-Required: No\r\n/,
    )
    const { bytes } = findAttachment(raw)
    expect(JSON.parse(gunzipSync(bytes).toString())['contact-info']).toBe('tls-reports@our.example')
    expect(await readReport(raw)).toMatchObject({
      policies: [
        {
          domain: 'b.example',
          type: 'sts',
          succeeded: 1,
          failed: 2,
          failures: [{ type: 'certificate-expired', sessions: 2, receivingHost: 'mx.b.example' }],
        },
        { type: 'tlsa', succeeded: 0, failed: 1, failures: [{ type: 'tlsa-invalid', sessions: 1 }] },
        {
          type: 'no-policy-found',
          succeeded: 0,
          failed: 1,
          failures: [{ type: 'starttls-not-supported', sessions: 1 }],
        },
      ],
    })
  })

  it('of a day is gathered over all tenants, in the name of the domain our host lies in', async () => {
    queued = []
    const other = await world.makeTenant({ resellerId: tenant.resellerId, region: 'ca' })
    const asked: [string, number][] = []
    const readDay: ReadDay = async function* (of, day) {
      asked.push([of.tenantId, day])
      if (of.tenantId === other.id) throw new Error('away')
      yield [checked('a.example', '192.0.2.1')]
      yield [checked('a.example', '192.0.2.1')]
    }
    expect(await sendDailyReports(parts, readDay, 20_000)).toBe(1)
    expect(asked.toSorted()).toEqual(
      [
        [tenant.id, 20_000],
        [other.id, 20_000],
      ].toSorted(),
    )
    expect(await readReport(queued[0]?.raw ?? expect.fail())).toMatchObject({
      beginAt: new Date(20_000 * 86_400_000),
      rows: [{ messages: 2 }],
    })
    expect(await sendDailyReports({ ...parts, hostname: 'mx.elsewhere.example' }, readDay, 20_001)).toBe(0)
  })

  it('cannot be made to say anything but what it says', async () => {
    const evil = '</source_ip><x a="&\'\u0000\ud800'
    const xml = writeDmarcReport({
      organisation: evil,
      contact: evil,
      reportId: evil,
      beginAt: BEGIN,
      endAt: BEGIN,
      policyDomain: evil,
      policy: { p: evil, sp: '', adkim: 'r', aspf: 'r', pct: 1, rua: [] },
      groups: [],
    })
    expect(xml).not.toContain('<x')
    expect(xml.match(/&lt;\/source_ip&gt;&lt;x a=&quot;&amp;&apos;</g)).toHaveLength(5)
  })
})
