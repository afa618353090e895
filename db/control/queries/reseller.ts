import { asc, eq, sql } from 'drizzle-orm'
import type { ControlTx } from '#db/client'
import { reseller, tenant } from '#db/control/schema/index'
import type { ResellerId } from '#lib/ids'

export type ResellerRow = typeof reseller.$inferSelect

/** Inserts a reseller; system role only. */
export async function insertReseller(tx: ControlTx, row: typeof reseller.$inferInsert): Promise<void> {
  await tx.insert(reseller).values(row)
}

export async function selectReseller(tx: ControlTx, id: ResellerId): Promise<ResellerRow | undefined> {
  const rows = await tx.select().from(reseller).where(eq(reseller.id, id))
  return rows[0]
}

/** Every reseller, oldest first, with the number of its tenants; system role only. */
export async function selectResellers(tx: ControlTx): Promise<(ResellerRow & { tenants: number })[]> {
  const rows = await tx
    .select({ row: reseller, tenants: sql<number>`count(${tenant.id})::int` })
    .from(reseller)
    .leftJoin(tenant, eq(tenant.resellerId, reseller.id))
    .groupBy(reseller.id)
    .orderBy(asc(reseller.createdAt), asc(reseller.id))
  return rows.map(({ row, tenants }) => ({ ...row, tenants }))
}

/** Changes the state; returns false when it already stood so. */
export async function updateResellerState(
  tx: ControlTx,
  id: ResellerId,
  state: ResellerRow['state'],
): Promise<boolean> {
  const rows = await tx
    .update(reseller)
    .set({ state })
    .where(sql`${reseller.id} = ${id} and ${reseller.state} <> ${state}`)
    .returning({ id: reseller.id })
  return rows.length > 0
}
