import type { Tx } from '#db/client'
import type { DomainId, ReportId, TenantId } from '#lib/ids'

export interface ReportRow {
  id: ReportId
  kind: 'dmarc' | 'tls'
  receivedAt: Date
  sealed: Buffer
}

/** Keeps a report; false when it is there already (the same organisation and report id). */
export async function insertReport(
  tx: Tx,
  row: Omit<ReportRow, 'receivedAt'> & {
    tenantId: TenantId
    domainId: DomainId
    reportHash: Buffer
    /** UTC, `2026-11-24` */
    beginDay: string
    receivedAt: Date
  },
): Promise<boolean> {
  const result = await tx`
    insert into report (tenant_id, id, domain_id, kind, report_hash, begin_day, received_at, sealed)
    values (${row.tenantId}, ${row.id}, ${row.domainId}, ${row.kind}, ${row.reportHash}, ${row.beginDay}::text::date, ${row.receivedAt}, ${row.sealed})
    on conflict (tenant_id, report_hash) do nothing`
  return result.count === 1
}

/** Reports about a domain that came in since a moment. */
export async function countReports(
  tx: Tx,
  at: { tenantId: TenantId; domainId: DomainId; since: Date },
): Promise<number> {
  const rows = await tx<{ n: number }[]>`
    select count(*)::int n from report where tenant_id = ${at.tenantId} and domain_id = ${at.domainId} and received_at > ${at.since}`
  return rows[0]?.n ?? 0
}

/** Reports about a domain whose time begins on `sinceDay` (UTC) or later, the latest first. */
export async function selectReports(
  tx: Tx,
  at: { tenantId: TenantId; domainId: DomainId; sinceDay: string; limit: number },
): Promise<ReportRow[]> {
  return tx<ReportRow[]>`
    select id, kind, received_at "receivedAt", sealed from report
    where tenant_id = ${at.tenantId} and domain_id = ${at.domainId} and begin_day >= ${at.sinceDay}::text::date
    order by begin_day desc, id desc limit ${at.limit}`
}

/** Removes what came in before a moment, of every tenant; returns how many. System role. */
export async function deleteOldReports(tx: Tx, before: Date): Promise<number> {
  const result = await tx`delete from report where received_at < ${before}`
  return result.count
}
