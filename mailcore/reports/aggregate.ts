import type { Finding, TraceDetail, TraceStep } from '#mailcore/ports'
import { type DmarcPolicy, isWithin } from './policy-record'
import { addressOf, domainOf, wordOf } from './values'

/** What is read of one line of the trace. */
export type DayLine = Pick<TraceStep, 'traceId' | 'direction' | 'step' | 'detail'>

export interface Proof {
  domain: string
  result: string
}

/** Messages of one author's domain that came from one server and were found and treated alike. */
export interface SeenGroup {
  source: string
  headerFrom: string
  disposition: 'none' | 'quarantine' | 'reject'
  /** Did DMARC pass? */
  passed: boolean
  signatures: Proof[]
  sender: Proof | null
  messages: number
}

/** Groups kept of one day: what is beyond comes of forged authors by the thousand, and is left out of the reports. */
const GROUPS_MOST = 50_000
/** Messages of one tenant whose lines are put together. */
const MESSAGES_MOST = 500_000

interface Seen {
  findings: readonly Finding[]
  source: string
  disposition: SeenGroup['disposition']
}

/** Addresses that take reports: what comes to them is in no report, or two hosts would report on each other's reports for ever. */
const isReportAddress = (address: string): boolean => /^(dmarc|tls)-reports@/.test(address)

/** Gathers what came in. Lines come tenant by tenant, in pieces as they are read; `end` puts the messages of one together. */
export function createDmarcDay(): {
  addTenant(): { add(lines: Iterable<DayLine>): void; end(): void }
  groups(): SeenGroup[]
} {
  const groups = new Map<string, SeenGroup>()
  return {
    addTenant: () => {
      const messages = new Map<string, Seen>()
      return {
        add: (lines) => {
          for (const line of lines) addLine(messages, line)
        },
        end: () => {
          for (const seen of messages.values()) addMessage(groups, seen)
        },
      }
    },
    groups: () => [...groups.values()],
  }
}

/** One message a trace id, from the lines that speak of its checks and of what became of it. */
function addLine(messages: Map<string, Seen>, { traceId, direction, step, detail }: DayLine): void {
  if (direction !== 'in' || isOfReports(detail)) return
  const known = messages.get(traceId)
  if (!known && messages.size >= MESSAGES_MOST) return
  const one: Seen = known ?? { findings: [], source: '', disposition: 'none' }
  messages.set(traceId, {
    findings: one.findings.length > 0 ? one.findings : (detail.findings ?? []),
    source: one.source || addressOf(detail.peer),
    disposition: dispositionOf(one.disposition, step, detail),
  })
}

function addMessage(groups: Map<string, SeenGroup>, seen: Seen): void {
  const group = groupOf(seen)
  if (!group) return
  const { messages: _, ...rest } = group
  const key = JSON.stringify(rest)
  const known = groups.get(key)
  if (known) known.messages++
  else if (groups.size < GROUPS_MOST) groups.set(key, group)
}

const isOfReports = ({ into, recipients }: TraceDetail): boolean =>
  into === 'reports' || (recipients !== undefined && recipients.length > 0 && recipients.every(isReportAddress))

function dispositionOf(
  before: SeenGroup['disposition'],
  step: DayLine['step'],
  detail: TraceDetail,
): SeenGroup['disposition'] {
  if (step === 'refused') return 'reject'
  return before === 'none' && detail.into === 'quarantine' ? 'quarantine' : before
}

function groupOf({ findings, source, disposition }: Seen): SeenGroup | null {
  const dmarc = findings.find(({ check }) => check === 'dmarc')
  const headerFrom = domainOf(dmarc?.about)
  if (!dmarc || headerFrom === '' || source === '') return null
  const passed = dmarc.result === 'pass'
  const spf = findings.find(({ check }) => check === 'spf')
  return {
    source,
    headerFrom,
    // Refused or set aside for another reason, such as spam, is no disposition of DMARC's.
    disposition: passed ? 'none' : disposition,
    passed,
    signatures: findings
      .filter(({ check }) => check === 'dkim')
      .map(proofOf)
      .filter(({ domain }) => domain !== '')
      .slice(0, 5),
    sender: spf ? proofOf(spf) : null,
    messages: 1,
  }
}

/** `about` names a domain, or a key as `selector._domainkey.domain`. */
const proofOf = ({ about, result }: Finding): Proof => ({
  domain: domainOf((about ?? '').replace(/^.*\._domainkey\./, '')),
  result: wordOf(result) || 'none',
})

/** Does a proven domain count for the author's (RFC 7489 3.1)? Relaxed: both within the domain that publishes the policy, or one within the other. */
export function isAligned(proven: string, author: string, options: { mode: 'r' | 's'; policyDomain: string }): boolean {
  if (proven === author) return true
  if (options.mode === 's' || proven === '') return false
  const { policyDomain } = options
  return (
    isWithin(proven, author) ||
    isWithin(author, proven) ||
    (isWithin(proven, policyDomain) && isWithin(author, policyDomain))
  )
}

/** The two aligned results of a group under the policy that applied. */
export function alignedOf(
  group: SeenGroup,
  policy: DmarcPolicy,
  policyDomain: string,
): { dkim: 'pass' | 'fail'; spf: 'pass' | 'fail' } {
  const proves = ({ domain, result }: Proof, mode: 'r' | 's') =>
    result === 'pass' && isAligned(domain, group.headerFrom, { mode, policyDomain })
  return {
    dkim: group.signatures.some((one) => proves(one, policy.adkim)) ? 'pass' : 'fail',
    spf: group.sender && proves(group.sender, policy.aspf) ? 'pass' : 'fail',
  }
}

export interface TlsGroup {
  policyType: 'tlsa' | 'sts' | 'no-policy-found'
  succeeded: number
  failed: number
  /** By what failed and where; '' for a host that was not reached */
  failures: Map<string, { type: string; host: string; address: string; sessions: number }>
}

/** Failures kept for one destination and day. */
const FAILURES_MOST = 200

/** Gathers what went out, by recipient domain. Sessions of reports themselves are left out (RFC 8460 section 5.3): their sender is null. */
export function createTlsDay(): { add(lines: Iterable<DayLine>): void; groups(): Map<string, TlsGroup[]> } {
  const domains = new Map<string, Map<TlsGroup['policyType'], TlsGroup>>()
  return {
    add: (lines) => {
      for (const { direction, step, detail } of lines) {
        if (direction !== 'out' || step !== 'attempt' || detail.sender === '' || !detail.host) continue
        for (const domain of new Set((detail.recipients ?? []).map((one) => domainOf(one.split('@').at(-1))))) {
          if (domain === '' || (!domains.has(domain) && domains.size >= GROUPS_MOST)) continue
          const groups = domains.get(domain) ?? new Map<TlsGroup['policyType'], TlsGroup>()
          domains.set(domain, groups)
          count(groups, detail)
        }
      }
    },
    groups: () => new Map([...domains].map(([domain, groups]) => [domain, [...groups.values()]])),
  }
}

function count(groups: Map<TlsGroup['policyType'], TlsGroup>, detail: TraceDetail): void {
  const policyType = policyTypeOf(detail)
  const group = groups.get(policyType) ?? { policyType, succeeded: 0, failed: 0, failures: new Map() }
  groups.set(policyType, group)
  const type = failureOf(detail)
  if (type === null) {
    if (detail.tls) group.succeeded++
    return
  }
  group.failed++
  const host = domainOf(detail.host)
  const address = addressOf(detail.address)
  const key = `${type} ${host} ${address}`
  const failure = group.failures.get(key) ?? { type, host, address, sessions: 0 }
  failure.sessions++
  if (group.failures.size < FAILURES_MOST || group.failures.has(key)) group.failures.set(key, failure)
}

/** What the trace says of a policy: its mode or outcome, and after it the result type of RFC 8460 section 4.3 where it failed. */
function split(text: string | undefined): { word: string; problem: string } {
  const [word = 'none', problem = ''] = (text ?? 'none').split(' ')
  return { word, problem: wordOf(problem) }
}

/** DANE goes before MTA-STS where both are published (RFC 8461 section 2). */
function policyTypeOf({ dane, mtaSts }: TraceDetail): TlsGroup['policyType'] {
  if (split(dane).word !== 'none') return 'tlsa'
  return split(mtaSts).word === 'none' ? 'no-policy-found' : 'sts'
}

/** Why a session was not as safe as it should have been; null when it was, or when no server was heard at all: that is no matter of TLS. */
function failureOf(detail: TraceDetail): string | null {
  const dane = split(detail.dane)
  if (dane.word === 'failed') return dane.problem || 'validation-failure'
  const { problem } = split(detail.mtaSts)
  if (problem !== '') return problem
  return detail.tls === undefined && detail.code !== undefined ? 'starttls-not-supported' : null
}
