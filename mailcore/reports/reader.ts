import type { Databases } from '#db/client'
import { findDomain } from '#db/control/queries/lookup'
import { type Clock, DAY_MS } from '#lib/clock'
import { newId, type TraceId } from '#lib/ids'
import type { Log } from '#lib/log'
import type { AttemptResult, Handover, Leased, Trace } from '#mailcore/ports'
import { parseAddress } from '#mailcore/proto/address'
import { REPORT_LIMITS } from './limits'
import type { Report } from './model'
import type { DmarcContent } from './read-dmarc'
import { readReport } from './read-report'
import type { TlsContent } from './read-tls'
import { type Refusal, refusalOf, unfit } from './refusal'
import { type ReportParts, saveReport } from './store'
import { submitterOf } from './submitter'

export interface ReportReaderParts extends ReportParts {
  db: Databases
  clock: Clock
  log: Log
  /** Our name in Authentication-Results */
  hostname: string
  trace?: Pick<Trace, 'note'>
}

export interface ReportReader extends Handover {
  /** What was dropped so far by this process, by reason. */
  readonly dropped: ReadonlyMap<Refusal, number>
}

/**
 * Takes mail to `dmarc-reports@` and `tls-reports@` of a tenant's domain. A report that is none, or is about another domain, or is made to hurt, is
 * dropped and counted: never bounced, since whom would it reach? An outage of ours throws, and the queue tries again.
 */
export function createReportReader(parts: ReportReaderParts): ReportReader {
  const dropped = new Map<Refusal, number>()
  const drop = (leased: Leased, why: Refusal): void => {
    dropped.set(why, (dropped.get(why) ?? 0) + 1)
    parts.log.warn('report.dropped', { queueId: leased.id, tenant: leased.tenantId, why })
    note(parts, leased, 'refused', why)
  }
  return {
    dropped,
    handle: async (leased, to): Promise<AttemptResult> => {
      try {
        const kept = await take(parts, leased, to.tenantId, to.region)
        parts.log.info('report.taken', { queueId: leased.id, tenant: leased.tenantId, kept })
        note(parts, leased, 'delivered', kept ? 'kept' : 'known')
      } catch (error) {
        const why = refusalOf(error)
        if (!why) throw error
        drop(leased, why)
      }
      return { kind: 'delivered' }
    },
  }
}

async function take(
  parts: ReportReaderParts,
  leased: Leased,
  tenantId: Leased['tenantId'],
  region: Leased['region'],
): Promise<boolean> {
  const name = parseAddress(leased.recipient)?.domain ?? ''
  const domain = await findDomain(parts.db.control.lookup, name)
  // Removed meanwhile, or another's by now: what comes for it is nobody's to read.
  if (!domain || domain.tenantId !== tenantId) throw unfit('other-domain')
  const now = parts.clock.now()
  const content = aboutDomain(await readReport(leased.raw), name)
  const age = now.getTime() - content.beginAt.getTime()
  if (age > REPORT_LIMITS.oldestDays * DAY_MS || age < -DAY_MS || content.endAt < content.beginAt)
    throw unfit('wrong-time')
  const report: Report = { ...content, ...submitterOf(leased.raw, parts.hostname) }
  return saveReport(parts, { tenantId, region, domainId: domain.domainId }, report, now)
}

/** The part of a report that is about the very domain it was sent to; throws a refusal when there is none. */
function aboutDomain(
  content: DmarcContent | TlsContent,
  name: string,
): DmarcContent | Omit<Extract<Report, { kind: 'tls' }>, 'submitter' | 'submitterDomain'> {
  switch (content.kind) {
    case 'dmarc':
      if (content.policy.domain !== name) throw unfit('other-domain')
      return content
    case 'tls': {
      const policies = content.policies.filter(({ domain }) => domain === name).map(({ domain: _, ...rest }) => rest)
      if (policies.length === 0) throw unfit('other-domain')
      return { ...content, policies }
    }
  }
}

function note(parts: ReportReaderParts, leased: Leased, outcome: 'delivered' | 'refused', result: string): void {
  parts.trace?.note({
    tenantId: leased.tenantId,
    region: leased.region,
    traceId: leased.traceId ?? newId<TraceId>(),
    accountId: null,
    direction: 'in',
    step: 'settled',
    at: parts.clock.now(),
    detail: { into: 'reports', outcome, findings: [{ check: 'report', result }] },
  })
}
