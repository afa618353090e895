import { and, desc, eq, inArray, isNull, lt, sql } from 'drizzle-orm'
import type { ControlTx } from '#db/client'
import { audit } from '#db/control/schema/index'
import type { AccountId, IntentId, ResellerId, TenantId } from '#lib/ids'

export type AuditRow = typeof audit.$inferSelect
export type AuditFacts = AuditRow['facts']

export async function insertAudit(tx: ControlTx, row: typeof audit.$inferInsert): Promise<void> {
  await tx.insert(audit).values(row)
}

export interface AuditPage {
  /** Rows with a lower number only. */
  beforeSeq?: number
  limit: number
}

/** The ledger of one account, newest first. */
export async function selectAccountAudit(
  tx: ControlTx,
  key: { tenantId: TenantId; accountId: AccountId } & AuditPage,
): Promise<AuditRow[]> {
  return page(tx, and(eq(audit.tenantId, key.tenantId), eq(audit.accountId, key.accountId)), key)
}

/** Everything about a tenant, newest first. */
export async function selectTenantAudit(tx: ControlTx, key: { tenantId: TenantId } & AuditPage): Promise<AuditRow[]> {
  return page(tx, eq(audit.tenantId, key.tenantId), key)
}

/** Everything about a reseller and its tenants, newest first. */
export async function selectResellerAudit(
  tx: ControlTx,
  key: { resellerId: ResellerId } & AuditPage,
): Promise<AuditRow[]> {
  return page(tx, eq(audit.resellerId, key.resellerId), key)
}

/** What the operator did that concerns no reseller, newest first; system role only. */
export async function selectHouseAudit(tx: ControlTx, key: AuditPage): Promise<AuditRow[]> {
  return page(tx, isNull(audit.resellerId), key)
}

/** The outcome rows of intents. */
export async function selectOutcomes(tx: ControlTx, intents: readonly IntentId[]): Promise<AuditRow[]> {
  if (intents.length === 0) return []
  return tx
    .select()
    .from(audit)
    .where(and(inArray(audit.intentId, [...intents]), inArray(audit.outcome, ['completed', 'failed'])))
}

export async function countAudit(tx: ControlTx): Promise<number> {
  const rows = await tx.select({ n: sql<number>`count(*)::int` }).from(audit)
  return rows[0]?.n ?? 0
}

function page(tx: ControlTx, where: ReturnType<typeof and>, { beforeSeq, limit }: AuditPage): Promise<AuditRow[]> {
  return tx
    .select()
    .from(audit)
    .where(beforeSeq === undefined ? where : and(where, lt(audit.seq, beforeSeq)))
    .orderBy(desc(audit.seq))
    .limit(limit)
}
