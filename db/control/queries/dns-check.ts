import { and, eq, inArray, notInArray, sql } from 'drizzle-orm'
import type { ControlTx } from '#db/client'
import { dnsCheck } from '#db/control/schema/index'
import type { DomainId, ResellerId, TenantId } from '#lib/ids'

export type DnsCheckRow = typeof dnsCheck.$inferSelect

/** What was last seen of a domain's records. */
export async function selectChecks(
  tx: ControlTx,
  of: { tenantId: TenantId; domainId: DomainId },
): Promise<DnsCheckRow[]> {
  return tx
    .select()
    .from(dnsCheck)
    .where(and(eq(dnsCheck.tenantId, of.tenantId), eq(dnsCheck.domainId, of.domainId)))
}

/** Puts what was seen now in the place of what was seen before; records that are no longer in the plan go. */
export async function replaceChecks(
  tx: ControlTx,
  of: { tenantId: TenantId; domainId: DomainId },
  rows: readonly Pick<DnsCheckRow, 'record' | 'state' | 'found' | 'checkedAt'>[],
): Promise<void> {
  const ids = rows.map(({ record }) => record)
  await tx
    .delete(dnsCheck)
    .where(
      and(
        eq(dnsCheck.tenantId, of.tenantId),
        eq(dnsCheck.domainId, of.domainId),
        ids.length > 0 ? notInArray(dnsCheck.record, ids) : undefined,
      ),
    )
  if (rows.length === 0) return
  await tx
    .insert(dnsCheck)
    .values(rows.map((row) => ({ ...of, ...row })))
    .onConflictDoUpdate({
      target: [dnsCheck.tenantId, dnsCheck.domainId, dnsCheck.record],
      set: { state: sql`excluded.state`, found: sql`excluded.found`, checkedAt: sql`excluded.checked_at` },
    })
}

/** How many records of each domain of a tenant were wrong or missing when last looked up. */
export async function countAmiss(
  tx: ControlTx,
  tenantId: TenantId,
  records: readonly string[],
): Promise<Map<DomainId, number>> {
  const rows = await tx
    .select({ domainId: dnsCheck.domainId, n: sql<number>`count(*)::int` })
    .from(dnsCheck)
    .where(
      and(
        eq(dnsCheck.tenantId, tenantId),
        inArray(dnsCheck.state, ['wrong', 'missing']),
        inArray(sql`split_part(${dnsCheck.record}, ':', 1)`, [...records]),
      ),
    )
    .groupBy(dnsCheck.domainId)
  return new Map(rows.map(({ domainId, n }) => [domainId, n]))
}

/**
 * Verified domains of all tenants none of whose records were looked up since `before` (since `waitingBefore` where a new key waits to be published), the
 * longest unseen first; system role only.
 */
export async function selectDomainsToCheck(
  tx: ControlTx,
  due: { before: Date; waitingBefore: Date; limit: number },
): Promise<{ tenantId: TenantId; resellerId: ResellerId; domainId: DomainId }[]> {
  const rows = await tx.execute<{ tenant_id: TenantId; reseller_id: ResellerId; id: DomainId }>(sql`
    select d.tenant_id, t.reseller_id, d.id
    from domain d join tenant t on t.id = d.tenant_id
    left join lateral (select max(c.checked_at) at from dns_check c where c.tenant_id = d.tenant_id and c.domain_id = d.id) seen on true
    where d.state = 'verified' and (seen.at is null or seen.at < ${due.before.toISOString()}::timestamptz
      or (seen.at < ${due.waitingBefore.toISOString()}::timestamptz and exists (
        select 1 from dkim_key k where k.tenant_id = d.tenant_id and k.domain_id = d.id and k.state = 'pending')))
    order by seen.at nulls first limit ${due.limit}`)
  return rows.map((row) => ({ tenantId: row.tenant_id, resellerId: row.reseller_id, domainId: row.id }))
}
