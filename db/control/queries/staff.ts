import { asc, eq, isNull, sql } from 'drizzle-orm'
import type { ControlTx } from '#db/client'
import { staff } from '#db/control/schema/index'
import type { ResellerId, StaffId } from '#lib/ids'

export type StaffRow = typeof staff.$inferSelect

export async function insertStaff(tx: ControlTx, row: typeof staff.$inferInsert): Promise<void> {
  await tx.insert(staff).values(row)
}

export async function selectStaff(tx: ControlTx, id: StaffId): Promise<StaffRow | undefined> {
  const rows = await tx.select().from(staff).where(eq(staff.id, id))
  return rows[0]
}

/** The staff of a reseller, or with null the operator's. */
export async function selectStaffOf(tx: ControlTx, resellerId: ResellerId | null): Promise<StaffRow[]> {
  return tx
    .select()
    .from(staff)
    .where(resellerId === null ? isNull(staff.resellerId) : eq(staff.resellerId, resellerId))
    .orderBy(asc(staff.createdAt), asc(staff.id))
}

/** Sets a new password and ends the sessions that stand. */
export async function updateStaffPassword(tx: ControlTx, id: StaffId, passwordHash: string): Promise<void> {
  await tx
    .update(staff)
    .set({ passwordHash, signInEpoch: sql`${staff.signInEpoch} + 1` })
    .where(eq(staff.id, id))
}
