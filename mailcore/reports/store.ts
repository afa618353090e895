import { promisify } from 'node:util'
import zlib from 'node:zlib'
import type { Databases } from '#db/client'
import { countReports, insertReport, selectReports } from '#db/mail/queries/report'
import { DAY_MS } from '#lib/clock'
import { open, seal } from '#lib/crypto/aead'
import { deriveKey, keyedHash } from '#lib/crypto/hash'
import { type DomainId, newId, type RegionId, type ReportId, type TenantId } from '#lib/ids'
import type { KeyService } from '#mailcore/keys/service'
import { REPORT_LIMITS } from './limits'
import type { Report } from './model'
import { unfit } from './refusal'

export interface ReportPlace {
  tenantId: TenantId
  region: RegionId
  domainId: DomainId
}

export type StoredReport = Report & { id: ReportId; receivedAt: Date }

export interface ReportParts {
  db: Databases
  keys: Pick<KeyService, 'tenantKey'>
}

const deflate = promisify(zlib.deflateRaw)
const inflate = promisify(zlib.inflateRaw)

/** A day as the database names it, UTC. */
export const dayOf = (date: Date): string => date.toISOString().slice(0, 10)

const contextOf = (place: ReportPlace, id: ReportId) => ['report/v1', place.tenantId, id] as const

/**
 * Keeps a report under the tenant's key; false when the same one is there already. Throws a refusal when the domain has had its share of the day: what
 * strangers can make us keep is bounded.
 */
export async function saveReport(parts: ReportParts, place: ReportPlace, report: Report, now: Date): Promise<boolean> {
  const key = await parts.keys.tenantKey(place.tenantId)
  const id = newId<ReportId>()
  const sealed = seal(key, await deflate(Buffer.from(JSON.stringify(report))), contextOf(place, id))
  // Organisation and id alone are the sender's to choose: with the domain in, no report about one can shut out another's.
  const name = JSON.stringify([
    place.domainId,
    report.kind,
    report.submitterDomain,
    report.organisation,
    report.reportId,
  ])
  const reportHash = keyedHash(deriveKey(key, 'report-hash/v1'), 'report', name)
  return parts.db.mail(place.region).withTenant(place.tenantId, async (tx) => {
    const since = new Date(now.getTime() - DAY_MS)
    if ((await countReports(tx, { ...place, since })) >= REPORT_LIMITS.perDomainAndDay) throw unfit('too-many-reports')
    return insertReport(tx, {
      ...place,
      id,
      kind: report.kind,
      reportHash,
      beginDay: dayOf(report.beginAt),
      receivedAt: now,
      sealed,
    })
  })
}

/** Reports about a domain since a day, the latest first and at most `limit`. One that does not open is left out and counted. */
export async function readReports(
  parts: ReportParts,
  place: ReportPlace,
  options: { since: Date; limit: number },
): Promise<{ reports: StoredReport[]; unreadable: number }> {
  const key = await parts.keys.tenantKey(place.tenantId)
  const rows = await parts.db
    .mail(place.region)
    .withTenant(place.tenantId, (tx) =>
      selectReports(tx, { ...place, sinceDay: dayOf(options.since), limit: options.limit }),
    )
  const reports: StoredReport[] = []
  let unreadable = 0
  for (const row of rows) {
    try {
      const json = await inflate(open(key, row.sealed, contextOf(place, row.id)))
      const report = JSON.parse(json.toString('utf8'), reviveDates) as Report
      reports.push({ ...report, id: row.id, receivedAt: row.receivedAt })
    } catch {
      unreadable++
    }
  }
  return { reports, unreadable }
}

const reviveDates = (name: string, value: unknown): unknown =>
  (name === 'beginAt' || name === 'endAt') && typeof value === 'string' ? new Date(value) : value
