import { REPORT_LIMITS } from './limits'
import type { TlsFailure, TlsReport } from './model'
import { unfit } from './refusal'
import { addressOf, countOf, domainOf, textOf, wordOf } from './values'

export interface TlsContent extends Omit<TlsReport, 'submitter' | 'submitterDomain' | 'policies'> {
  policies: (TlsReport['policies'][number] & { domain: string })[]
}

/** Reads a TLS report (RFC 8460 section 4.4) from its JSON. Throws a refusal. */
export function readTlsReport(json: Buffer): TlsContent {
  checkDepth(json)
  const report = objectOf(parse(json))
  const range = objectOf(report['date-range'])
  const reportId = textOf(report['report-id'])
  const policies = listOf(report.policies)
  if (policies.length > REPORT_LIMITS.failures) throw unfit('too-many-records')
  if (reportId === '' || policies.length === 0) throw unfit('not-a-report')
  return {
    kind: 'tls',
    organisation: textOf(report['organization-name']) || 'unnamed',
    reportId,
    beginAt: dateOf(range['start-datetime']),
    endAt: dateOf(range['end-datetime']),
    policies: policies.map(readPolicy),
  }
}

function readPolicy(given: unknown): TlsContent['policies'][number] {
  const { policy, summary, 'failure-details': details } = objectOf(given)
  const counts = objectOf(summary)
  const failures = listOf(details)
  if (failures.length > REPORT_LIMITS.records) throw unfit('too-many-records')
  return {
    type: wordOf(objectOf(policy)['policy-type']) || 'no-policy-found',
    domain: domainOf(objectOf(policy)['policy-domain']),
    succeeded: countOf(counts['total-successful-session-count']),
    failed: countOf(counts['total-failure-session-count']),
    failures: failures.slice(0, REPORT_LIMITS.failures).map(readFailure),
  }
}

function readFailure(given: unknown): TlsFailure {
  const details = objectOf(given)
  return {
    type: wordOf(details['result-type']) || 'validation-failure',
    sessions: countOf(details['failed-session-count']),
    receivingHost: domainOf(details['receiving-mx-hostname']),
    sendingAddress: addressOf(details['sending-mta-ip']),
    reason: textOf(details['failure-reason-code']).slice(0, 100),
  }
}

/** Brackets outside strings, counted before anything is built from them. */
function checkDepth(json: Buffer): void {
  let depth = 0
  let inString = false
  for (let i = 0; i < json.length; i++) {
    const c = json[i]
    if (inString) {
      if (c === 0x5c) i++
      else if (c === 0x22) inString = false
    } else if (c === 0x22) inString = true
    else if (c === 0x5b || c === 0x7b) {
      if (++depth > REPORT_LIMITS.depth) throw unfit('too-deep')
    } else if (c === 0x5d || c === 0x7d) depth--
  }
}

function parse(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString('utf8').replace(/^\ufeff/, ''))
  } catch {
    throw unfit('broken-json')
  }
}

/** An object's own fields, none of a prototype's. */
function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.assign(Object.create(null), value)
    : {}
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function dateOf(value: unknown): Date {
  const date = new Date(typeof value === 'string' ? value.slice(0, 40) : Number.NaN)
  return Number.isNaN(date.getTime()) ? new Date(0) : date
}
