import { asc, eq, sql } from 'drizzle-orm'
import type { ControlTx } from '#db/client'
import { account, domain, tenant } from '#db/control/schema/index'
import type { RegionId, ResellerId, TenantId } from '#lib/ids'

export type TenantRow = typeof tenant.$inferSelect
export type TenantRowWithCounts = TenantRow & { seatsUsed: number; domains: number }

export async function insertTenant(tx: ControlTx, row: typeof tenant.$inferInsert): Promise<void> {
  await tx.insert(tenant).values(row)
}

export async function selectTenant(tx: ControlTx, id: TenantId): Promise<TenantRow | undefined> {
  const rows = await tx.select().from(tenant).where(eq(tenant.id, id))
  return rows[0]
}

// The outer columns are written out: drizzle drops the table's name from a column in the selection of a single table.
const seatsUsed = sql<number>`(select count(*)::int from ${account} a where a.tenant_id = "tenant"."id" and a.state <> 'closed')`
const domains = sql<number>`(select count(*)::int from ${domain} d where d.tenant_id = "tenant"."id")`

/** The tenants in the transaction's scope, oldest first, with seats used and domains. */
export async function selectTenantsWithCounts(
  tx: ControlTx,
  only: { resellerId?: ResellerId; tenantId?: TenantId } = {},
): Promise<TenantRowWithCounts[]> {
  const where =
    only.tenantId !== undefined
      ? eq(tenant.id, only.tenantId)
      : only.resellerId !== undefined
        ? eq(tenant.resellerId, only.resellerId)
        : undefined
  const rows = await tx
    .select({ row: tenant, seatsUsed, domains })
    .from(tenant)
    .where(where)
    .orderBy(asc(tenant.createdAt), asc(tenant.id))
  return rows.map(({ row, ...counts }) => ({ ...row, ...counts }))
}

/** Every tenant's id, reseller and region, for sweeps; system role only. */
export async function selectTenantPlaces(
  tx: ControlTx,
): Promise<{ id: TenantId; resellerId: ResellerId; region: RegionId }[]> {
  return tx.select({ id: tenant.id, resellerId: tenant.resellerId, region: tenant.region }).from(tenant)
}

export async function updateTenant(
  tx: ControlTx,
  id: TenantId,
  set: Partial<typeof tenant.$inferInsert>,
): Promise<number> {
  const rows = await tx.update(tenant).set(set).where(eq(tenant.id, id)).returning({ id: tenant.id })
  return rows.length
}

/** Changes the state; returns false when it already stood so. */
export async function updateTenantState(tx: ControlTx, id: TenantId, state: TenantRow['state']): Promise<boolean> {
  const rows = await tx
    .update(tenant)
    .set({ state })
    .where(sql`${tenant.id} = ${id} and ${tenant.state} <> ${state}`)
    .returning({ id: tenant.id })
  return rows.length > 0
}
