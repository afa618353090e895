import type { TlsGroup } from './aggregate'

export interface TlsDocument {
  organisation: string
  contact: string
  reportId: string
  beginAt: Date
  endAt: Date
  domain: string
  groups: readonly TlsGroup[]
}

const instant = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`

/** A TLS report as JSON text (RFC 8460 section 4.4). No address of ours stands in it: reports go to whoever publishes a record. */
export function writeTlsReport(document: TlsDocument): string {
  return JSON.stringify({
    'organization-name': document.organisation,
    'date-range': { 'start-datetime': instant(document.beginAt), 'end-datetime': instant(document.endAt) },
    'contact-info': document.contact,
    'report-id': document.reportId,
    policies: document.groups.map((group) => ({
      policy: { 'policy-type': group.policyType, 'policy-domain': document.domain },
      summary: {
        'total-successful-session-count': group.succeeded,
        'total-failure-session-count': group.failed,
      },
      'failure-details': [...group.failures.values()].map(({ type, host, address, sessions }) => ({
        'result-type': type,
        ...(host === '' ? {} : { 'receiving-mx-hostname': host }),
        ...(address === '' ? {} : { 'receiving-ip': address }),
        'failed-session-count': sessions,
      })),
    })),
  })
}
