import { lt } from 'drizzle-orm'
import type { ControlTx } from '#db/client'
import { logKey } from '#db/control/schema/index'

/** Publishes the key that the logs of a day (since 1970-01-01) are sealed to; one that stands stays. System role. */
export async function insertLogKey(tx: ControlTx, row: { day: number; publicKey: Buffer }): Promise<void> {
  await tx.insert(logKey).values(row).onConflictDoNothing()
}

/** Forgets the public keys of all days before one. System role. */
export async function deleteLogKeysBefore(tx: ControlTx, day: number): Promise<void> {
  await tx.delete(logKey).where(lt(logKey.day, day))
}

/** The days whose logs have a key. System role. */
export async function selectLogDays(tx: ControlTx): Promise<number[]> {
  const rows = await tx.select({ day: logKey.day }).from(logKey)
  return rows.map(({ day }) => day)
}
