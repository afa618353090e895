import { asc, eq } from 'drizzle-orm'
import type { ControlTx, Sql } from '#db/client'
import { poolOfReseller, sendingPool } from '#db/control/schema/index'
import type { ResellerId, TenantId } from '#lib/ids'

/** The pool of a tenant's reseller, else the one named `default`, else none (db/unsafe). */
export async function findPool(
  lookup: Sql,
  tenantId: TenantId,
): Promise<{ addresses: string[]; heloName: string } | undefined> {
  const rows = await lookup<{ addresses: string[]; heloName: string }[]>`
    select addresses, helo_name "heloName" from unsafe.sending_pool_of(${tenantId})`
  return rows[0]
}

export type PoolRow = typeof sendingPool.$inferSelect

/** All pools with the resellers that have each; system role only. */
export async function selectPools(tx: ControlTx): Promise<(PoolRow & { resellers: ResellerId[] })[]> {
  const pools = await tx.select().from(sendingPool).orderBy(asc(sendingPool.name))
  const given = await tx.select().from(poolOfReseller)
  return pools.map((pool) => ({
    ...pool,
    resellers: given.filter((one) => one.pool === pool.name).map((one) => one.resellerId),
  }))
}

export async function upsertPool(tx: ControlTx, row: PoolRow): Promise<void> {
  await tx
    .insert(sendingPool)
    .values(row)
    .onConflictDoUpdate({ target: sendingPool.name, set: { addresses: row.addresses, heloName: row.heloName } })
}

/** Gives a reseller a pool; null takes it away. */
export async function setPoolOfReseller(tx: ControlTx, resellerId: ResellerId, pool: string | null): Promise<void> {
  if (pool === null) await tx.delete(poolOfReseller).where(eq(poolOfReseller.resellerId, resellerId))
  else
    await tx
      .insert(poolOfReseller)
      .values({ resellerId, pool })
      .onConflictDoUpdate({ target: poolOfReseller.resellerId, set: { pool } })
}
