import { and, eq, lt, sql } from 'drizzle-orm'
import type { ControlTx } from '#db/client'
import { reportSent } from '#db/control/schema/index'

interface Which {
  kind: 'dmarc' | 'tls'
  /** UTC, `2026-11-24` */
  day: string
  domainHash: Buffer
}

/** Notes that the report of this day goes to a domain; false when it went before. System role. */
export async function claimReport(tx: ControlTx, which: Which): Promise<boolean> {
  const rows = await tx.insert(reportSent).values(which).onConflictDoNothing().returning({ day: reportSent.day })
  return rows.length > 0
}

/** Takes a note back, where the report could not be queued after all. */
export async function releaseReport(tx: ControlTx, which: Which): Promise<void> {
  await tx
    .delete(reportSent)
    .where(
      and(eq(reportSent.kind, which.kind), eq(reportSent.day, which.day), eq(reportSent.domainHash, which.domainHash)),
    )
}

/** Forgets which reports went out before a day; returns how many notes went. */
export async function forgetReports(tx: ControlTx, beforeDay: string): Promise<number> {
  const rows = await tx.delete(reportSent).where(lt(reportSent.day, beforeDay)).returning({ gone: sql<number>`1` })
  return rows.length
}
