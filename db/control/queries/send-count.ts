import { and, asc, desc, eq, gte, ne, sql } from 'drizzle-orm'
import type { ControlTx, Sql } from '#db/client'
import { sendCap, sendCount, sendFreeze } from '#db/control/schema/index'
import type { AccountId, TenantId } from '#lib/ids'

/** Recipients an hour and a day at one level. */
export interface Cap {
  perHour: number
  perDay: number
}

/** Takes one message to so many recipients (db/unsafe); undefined when it may go. */
export async function takeSend(
  lookup: Sql,
  at: { tenantId: TenantId; accountId: AccountId; recipients: number },
  caps: { account: Cap; tenant: Cap; reseller: Cap },
): Promise<{ reason: 'rate' | 'frozen'; level: 'account' | 'tenant' | 'reseller' } | undefined> {
  const rows = await lookup<{ reason: 'rate' | 'frozen'; level: 'account' | 'tenant' | 'reseller' }[]>`
    select reason, level from unsafe.take_send(${at.tenantId}, ${at.accountId}, ${at.recipients}, ${caps.account.perHour}, ${caps.account.perDay},
      ${caps.tenant.perHour}, ${caps.tenant.perDay}, ${caps.reseller.perHour}, ${caps.reseller.perDay})`
  return rows[0]
}

/** Counts a failure; true when the account sends no more from now on (db/unsafe). */
export async function countBounce(
  lookup: Sql,
  at: { tenantId: TenantId; accountId: AccountId },
  bounds: { least: number; percent: number },
): Promise<boolean> {
  const rows = await lookup<{ frozen: boolean }[]>`
    select unsafe.count_bounce(${at.tenantId}, ${at.accountId}, ${bounds.least}, ${bounds.percent}) frozen`
  return rows[0]?.frozen === true
}

export type FreezeRow = typeof sendFreeze.$inferSelect

/** Freezes of a tenant's accounts and of the tenant itself, newest first. */
export async function selectFreezes(tx: ControlTx, tenantId: TenantId): Promise<FreezeRow[]> {
  return tx
    .select()
    .from(sendFreeze)
    .where(eq(sendFreeze.tenantId, tenantId))
    .orderBy(desc(sendFreeze.frozenAt))
    .limit(500)
}

/** Accounts that a cap has stopped since a moment, in all tenants; system role only. */
export async function selectFreshFreezes(tx: ControlTx, since: Date): Promise<FreezeRow[]> {
  return tx
    .select()
    .from(sendFreeze)
    .where(and(eq(sendFreeze.kind, 'account'), ne(sendFreeze.cause, 'person'), gte(sendFreeze.frozenAt, since)))
    .orderBy(asc(sendFreeze.frozenAt))
    .limit(1_000)
}

export async function insertFreeze(tx: ControlTx, row: typeof sendFreeze.$inferInsert): Promise<boolean> {
  const done = await tx.insert(sendFreeze).values(row).onConflictDoNothing().returning({ id: sendFreeze.scopeId })
  return done.length > 0
}

/** Lifts a freeze; false when there was none. The counts that led to it start anew. */
export async function deleteFreeze(tx: ControlTx, at: { tenantId: TenantId; scopeId: string }): Promise<boolean> {
  await tx.execute(sql`select unsafe.forgive_sending(${at.scopeId}::uuid)`)
  const done = await tx
    .delete(sendFreeze)
    .where(and(eq(sendFreeze.scopeId, at.scopeId), eq(sendFreeze.tenantId, at.tenantId)))
    .returning({ id: sendFreeze.scopeId })
  return done.length > 0
}

/** What a tenant has sent in each of the last 24 hours. */
export async function selectCounts(
  tx: ControlTx,
  scopeId: string,
  since: Date,
): Promise<{ hour: Date; messages: number; recipients: number; bounces: number }[]> {
  return tx
    .select({
      hour: sendCount.hour,
      messages: sendCount.messages,
      recipients: sendCount.recipients,
      bounces: sendCount.bounces,
    })
    .from(sendCount)
    .where(and(eq(sendCount.scopeId, scopeId), gte(sendCount.hour, since)))
    .orderBy(asc(sendCount.hour))
}

export async function upsertCap(tx: ControlTx, row: typeof sendCap.$inferInsert): Promise<void> {
  await tx
    .insert(sendCap)
    .values(row)
    .onConflictDoUpdate({
      target: sendCap.scopeId,
      set: { recipientsPerHour: row.recipientsPerHour, recipientsPerDay: row.recipientsPerDay },
    })
}

export async function selectCap(tx: ControlTx, scopeId: string): Promise<Cap | undefined> {
  const rows = await tx
    .select({ perHour: sendCap.recipientsPerHour, perDay: sendCap.recipientsPerDay })
    .from(sendCap)
    .where(eq(sendCap.scopeId, scopeId))
  return rows[0]
}

/** Forgets counts that no cap looks at any more; system role only. */
export async function sweepCounts(tx: ControlTx): Promise<void> {
  await tx.delete(sendCount).where(sql`${sendCount.hour} < now() - interval '35 days'`)
}
