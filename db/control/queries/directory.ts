import { and, eq, isNull, lte, sql } from 'drizzle-orm'
import type { ControlTx } from '#db/client'
import { directory } from '#db/control/schema/index'
import type { AccountId, DomainId, TenantId } from '#lib/ids'

export type DirectoryRow = typeof directory.$inferSelect

/** Claims an address. One that is taken or in quarantine throws 23505. */
export async function insertAddress(
  tx: ControlTx,
  row: { addressHash: Buffer; tenantId: TenantId; accountId: AccountId; domainId: DomainId },
): Promise<void> {
  // An old row whose quarantine is over makes room first.
  await tx.execute(sql`select unsafe.free_address(${row.addressHash})`)
  await tx.insert(directory).values({ ...row, kind: 'primary' })
}

/** Whether an address is taken or in quarantine, whoever holds it (db/unsafe); null when it is free. */
export async function addressState(
  tx: ControlTx,
  hash: Buffer,
): Promise<{ taken: boolean; freeAt: Date | null } | null> {
  const rows = await tx.execute<{ taken: boolean; free_at: string | null }>(
    sql`select * from unsafe.address_state(${hash})`,
  )
  const row = rows[0]
  return row ? { taken: row.taken, freeAt: row.free_at === null ? null : new Date(row.free_at) } : null
}

/** The addresses of an account stay listed by hash only, and are not given again before `freeAt`. */
export async function quarantineAddresses(
  tx: ControlTx,
  key: { tenantId: TenantId; accountId: AccountId; freeAt: Date },
): Promise<void> {
  await tx
    .update(directory)
    .set({ accountId: null, freeAt: key.freeAt })
    .where(and(eq(directory.tenantId, key.tenantId), eq(directory.accountId, key.accountId)))
}

/** Gives up the addresses of an account that never came to life. */
export async function deleteAddresses(tx: ControlTx, key: { tenantId: TenantId; accountId: AccountId }): Promise<void> {
  await tx.delete(directory).where(and(eq(directory.tenantId, key.tenantId), eq(directory.accountId, key.accountId)))
}

export async function selectAddresses(tx: ControlTx, tenantId: TenantId): Promise<DirectoryRow[]> {
  return tx.select().from(directory).where(eq(directory.tenantId, tenantId))
}

/** Removes rows whose quarantine is over; system role only. Returns how many. */
export async function deleteExpiredQuarantine(tx: ControlTx, now: Date): Promise<number> {
  const rows = await tx
    .delete(directory)
    .where(and(isNull(directory.accountId), lte(directory.freeAt, now)))
    .returning({ hash: directory.addressHash })
  return rows.length
}
