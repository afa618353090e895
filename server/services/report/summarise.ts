import type { StoredReport } from '#mailcore/api'

type Dmarc = Extract<StoredReport, { kind: 'dmarc' }>
type Tls = Extract<StoredReport, { kind: 'tls' }>

/**
 * What a sending server is to the domain, as far as reports tell: `yours` signs or sends for it; `forwarded` carried on signed mail; `unsigned` is named in
 * SPF and signs nothing for the domain; `service` proves to be somebody else, as a newsletter service that was never set up does; `stranger` proves nothing.
 */
export type SourceKind = 'yours' | 'forwarded' | 'unsigned' | 'service' | 'stranger'

export interface SourceView {
  address: string
  kind: SourceKind
  messages: number
  /** Messages that passed DMARC */
  passed: number
  dkimPassed: number
  spfPassed: number
  quarantined: number
  rejected: number
  /** Whose mail it proves to be, where not the domain's own */
  service: string | null
  organisations: string[]
}

export interface TlsFailureView {
  type: string
  sessions: number
  hosts: string[]
  organisations: string[]
}

export interface ReportsView {
  /** Organisations that reported, those with most reports first */
  organisations: { name: string; reports: number }[]
  dmarc: {
    reports: number
    messages: number
    passed: number
    quarantined: number
    rejected: number
    /** The policy that the latest report saw published; null without a report */
    policy: string | null
    /** Most mail first, up to SOURCES_MOST */
    sources: SourceView[]
    /** Mail from sources that are not listed */
    rest: { messages: number; passed: number }
  }
  tls: { reports: number; succeeded: number; failed: number; failures: TlsFailureView[] }
}

/** Sources listed: nobody reads on, and what is left out is summed up. */
export const SOURCES_MOST = 500
const FAILURES_MOST = 100
const NAMES_MOST = 10

/** Sums reports up by sending server and by kind of TLS failure. Pure. */
export function summarise(reports: readonly StoredReport[]): ReportsView {
  const dmarc = reports.filter((one): one is Dmarc => one.kind === 'dmarc')
  const tls = reports.filter((one): one is Tls => one.kind === 'tls')
  const names = new Map<string, number>()
  for (const { organisation } of reports) names.set(organisation, (names.get(organisation) ?? 0) + 1)
  return {
    organisations: [...names].map(([name, count]) => ({ name, reports: count })).sort((a, b) => b.reports - a.reports),
    dmarc: summariseDmarc(dmarc),
    tls: summariseTls(tls),
  }
}

interface Sum extends Omit<SourceView, 'kind' | 'service' | 'organisations'> {
  services: Map<string, number>
  organisations: Set<string>
}

function summariseDmarc(reports: readonly Dmarc[]): ReportsView['dmarc'] {
  const sources = new Map<string, Sum>()
  for (const report of reports) for (const row of report.rows) addRow(sources, row, report)
  const all = [...sources.values()].sort((a, b) => b.messages - a.messages)
  // What a report summed up itself, and what is not listed here.
  const rest = sumUp([...reports.map((report) => report.rest), ...all.slice(SOURCES_MOST)])
  const listed = all.slice(0, SOURCES_MOST)
  const together = sumUp([...listed, rest])
  const latest = reports.toSorted((a, b) => b.endAt.getTime() - a.endAt.getTime())[0]
  return {
    reports: reports.length,
    ...together,
    quarantined: all.reduce((total, one) => total + one.quarantined, 0),
    rejected: all.reduce((total, one) => total + one.rejected, 0),
    policy: latest ? latest.policy.p : null,
    sources: listed.map(viewOf),
    rest,
  }
}

const sumUp = (list: readonly { messages: number; passed: number }[]): { messages: number; passed: number } => ({
  messages: list.reduce((total, one) => total + one.messages, 0),
  passed: list.reduce((total, one) => total + one.passed, 0),
})

function addRow(sources: Map<string, Sum>, row: Dmarc['rows'][number], report: Dmarc): void {
  const sum: Sum = sources.get(row.source) ?? {
    address: row.source,
    messages: 0,
    passed: 0,
    dkimPassed: 0,
    spfPassed: 0,
    quarantined: 0,
    rejected: 0,
    services: new Map(),
    organisations: new Set(),
  }
  sources.set(row.source, sum)
  sum.messages += row.messages
  if (row.dkim === 'pass' || row.spf === 'pass') sum.passed += row.messages
  if (row.dkim === 'pass') sum.dkimPassed += row.messages
  if (row.spf === 'pass') sum.spfPassed += row.messages
  if (row.disposition === 'quarantine') sum.quarantined += row.messages
  if (row.disposition === 'reject') sum.rejected += row.messages
  const service = serviceOf(row, report.policy.domain)
  if (service) sum.services.set(service, (sum.services.get(service) ?? 0) + row.messages)
  sum.organisations.add(report.organisation)
}

/** The other domain that a row is proven to come from: by its signature rather than by its envelope. */
function serviceOf(row: Dmarc['rows'][number], domain: string): string | null {
  const proofs = [...row.signatures, ...(row.sender ? [row.sender] : [])]
  const proven = proofs.find(
    (one) => one.result === 'pass' && one.domain !== '' && one.domain !== domain && !one.domain.endsWith(`.${domain}`),
  )
  return proven?.domain ?? null
}

function viewOf({ services, organisations, ...sum }: Sum): SourceView {
  const service = [...services].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null
  return { ...sum, kind: kindOf(sum, service), service, organisations: [...organisations].slice(0, NAMES_MOST) }
}

/** What holds for most of a source's mail. */
function kindOf(sum: Omit<Sum, 'services' | 'organisations'>, service: string | null): SourceKind {
  const half = sum.messages / 2
  if (sum.passed <= half) return service ? 'service' : 'stranger'
  if (sum.dkimPassed > half) return sum.spfPassed > half || !service ? 'yours' : 'forwarded'
  return 'unsigned'
}

function summariseTls(reports: readonly Tls[]): ReportsView['tls'] {
  const failures = new Map<string, { sessions: number; hosts: Set<string>; organisations: Set<string> }>()
  let succeeded = 0
  let failed = 0
  for (const { policies, organisation } of reports) {
    for (const policy of policies) {
      succeeded += policy.succeeded
      failed += policy.failed
      for (const failure of policy.failures) {
        const sum = failures.get(failure.type) ?? { sessions: 0, hosts: new Set(), organisations: new Set() }
        failures.set(failure.type, sum)
        sum.sessions += failure.sessions
        sum.organisations.add(organisation)
        if (failure.receivingHost !== '' && sum.hosts.size < NAMES_MOST) sum.hosts.add(failure.receivingHost)
      }
    }
  }
  const list = [...failures].map(([type, sum]) => ({
    type,
    sessions: sum.sessions,
    hosts: [...sum.hosts],
    organisations: [...sum.organisations].slice(0, NAMES_MOST),
  }))
  return {
    reports: reports.length,
    succeeded,
    failed,
    failures: list.sort((a, b) => b.sessions - a.sessions).slice(0, FAILURES_MOST),
  }
}
