import { sql } from 'drizzle-orm'
import type { ControlTx } from '#db/client'

/** Takes the lock of a job until commit; false when another process runs it. */
export async function tryJobLock(tx: ControlTx, job: string): Promise<boolean> {
  const rows = await tx.execute<{ got: boolean }>(
    sql`select pg_try_advisory_xact_lock(hashtextextended(${`mailtight job ${job}`}, 0)) got`,
  )
  return rows[0]?.got ?? false
}
