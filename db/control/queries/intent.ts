import { and, asc, eq, lt, lte, sql } from 'drizzle-orm'
import type { ControlTx } from '#db/client'
import { intent } from '#db/control/schema/index'
import type { IntentId } from '#lib/ids'

export type IntentRow = typeof intent.$inferSelect

export async function insertIntent(tx: ControlTx, row: typeof intent.$inferInsert): Promise<void> {
  await tx.insert(intent).values(row)
}

export async function selectIntent(tx: ControlTx, id: IntentId): Promise<IntentRow | undefined> {
  const rows = await tx.select().from(intent).where(eq(intent.id, id))
  return rows[0]
}

/** Takes an open intent that is due, and pushes the next try ahead, so that two do not run it. */
export async function claimIntent(
  tx: ControlTx,
  key: { id: IntentId; now: Date; until: Date },
): Promise<IntentRow | undefined> {
  const rows = await tx
    .update(intent)
    .set({ attempts: sql`${intent.attempts} + 1`, dueAt: key.until })
    .where(and(eq(intent.id, key.id), eq(intent.state, 'open'), lte(intent.dueAt, key.now)))
    .returning()
  return rows[0]
}

/** Open intents that are due, oldest first; system role only. */
export async function selectDueIntents(tx: ControlTx, now: Date, most: number): Promise<IntentId[]> {
  const rows = await tx
    .select({ id: intent.id })
    .from(intent)
    .where(and(eq(intent.state, 'open'), lte(intent.dueAt, now)))
    .orderBy(asc(intent.dueAt))
    .limit(most)
  return rows.map((row) => row.id)
}

/** Open intents begun before `before`. */
export async function selectUnfinished(tx: ControlTx, before: Date): Promise<IntentRow[]> {
  return tx
    .select()
    .from(intent)
    .where(and(eq(intent.state, 'open'), lt(intent.createdAt, before)))
    .orderBy(asc(intent.createdAt))
}

/** Remembers what a step found, so that a resumed run can still say it. */
export async function noteProgress(tx: ControlTx, id: IntentId, input: IntentRow['input']): Promise<void> {
  await tx
    .update(intent)
    .set({ input: sql`${intent.input} || ${JSON.stringify(input)}::jsonb` })
    .where(eq(intent.id, id))
}

/** Ends an intent; false when it had ended already, so that it gets one outcome only. */
export async function finishIntent(
  tx: ControlTx,
  key: { id: IntentId; state: 'completed' | 'failed'; at: Date },
): Promise<boolean> {
  const rows = await tx
    .update(intent)
    .set({ state: key.state, finishedAt: key.at })
    .where(and(eq(intent.id, key.id), eq(intent.state, 'open')))
    .returning({ id: intent.id })
  return rows.length > 0
}
