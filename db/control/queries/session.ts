import { and, desc, eq, lte, ne, or, sql } from 'drizzle-orm'
import type { ControlTx, Sql } from '#db/client'
import type { AccountKey } from '#db/control/queries/account'
import { session, signInFailure } from '#db/control/schema/index'
import type { AccountId, RegionId, ResellerId, StaffId, TenantId } from '#lib/ids'

export type SessionRow = typeof session.$inferSelect

export interface LiveSession {
  kind: 'account' | 'staff'
  tenantId: TenantId | null
  accountId: AccountId | null
  staffId: StaffId | null
  staffKind: 'operator' | 'reseller' | null
  resellerId: ResellerId | null
  role: 'member' | 'admin' | null
  region: RegionId | null
  /** `active`, or whatever keeps this person from acting. */
  state: string
  expiresAt: Date
  lastSeenAt: Date
}

export async function insertSession(tx: ControlTx, row: typeof session.$inferInsert): Promise<void> {
  await tx.insert(session).values(row)
}

/** The session behind a token, if it lives (db/unsafe; look-up role). */
export async function liveSession(
  sql: Sql,
  key: { tokenHash: Buffer; idleS: number },
): Promise<LiveSession | undefined> {
  const rows = await sql<LiveSession[]>`
    select kind, tenant_id "tenantId", account_id "accountId", staff_id "staffId", staff_kind "staffKind", reseller_id "resellerId",
      role, region, credential_state state, expires_at "expiresAt", last_seen_at "lastSeenAt"
    from unsafe.live_session(${key.tokenHash}, ${key.idleS})`
  return rows[0]
}

/** Notes that a session was seen, at most once a minute. */
export async function touchSession(sql: Sql, tokenHash: Buffer): Promise<void> {
  await sql`select unsafe.touch_session(${tokenHash})`
}

export async function endSession(sql: Sql, tokenHash: Buffer): Promise<void> {
  await sql`select unsafe.end_session(${tokenHash})`
}

/** The sessions of an account that its owner may still end, last seen first. */
export async function selectSessions(tx: ControlTx, key: AccountKey, epoch: number): Promise<SessionRow[]> {
  return tx
    .select()
    .from(session)
    .where(
      and(
        eq(session.tenantId, key.tenantId),
        eq(session.accountId, key.accountId),
        eq(session.epoch, epoch),
        sql`${session.expiresAt} > now()`,
      ),
    )
    .orderBy(desc(session.lastSeenAt))
}

/** Ends sessions of an account: one by its token's hash, all but one, or all. Returns how many. */
export async function deleteSessions(
  tx: ControlTx,
  key: AccountKey,
  which: { only: Buffer } | { except: Buffer } | 'all',
): Promise<number> {
  const one =
    which === 'all'
      ? undefined
      : 'only' in which
        ? eq(session.tokenHash, which.only)
        : ne(session.tokenHash, which.except)
  const rows = await tx
    .delete(session)
    .where(and(eq(session.tenantId, key.tenantId), eq(session.accountId, key.accountId), one))
    .returning({ hash: session.tokenHash })
  return rows.length
}

/** Ends the sessions of a member of staff; system role only. */
export async function deleteStaffSessions(tx: ControlTx, staffId: StaffId): Promise<void> {
  await tx.delete(session).where(eq(session.staffId, staffId))
}

/** Removes sessions that are over; system role only. Returns how many. */
export async function deleteExpiredSessions(tx: ControlTx, now: Date, idleMs: number): Promise<number> {
  const rows = await tx
    .delete(session)
    .where(or(lte(session.expiresAt, now), lte(session.lastSeenAt, new Date(now.getTime() - idleMs))))
    .returning({ hash: session.tokenHash })
  return rows.length
}

/** Removes counts of failed sign-ins older than `before`; system role only. Returns how many. */
export async function deleteOldFailures(tx: ControlTx, before: Date): Promise<number> {
  const rows = await tx
    .delete(signInFailure)
    .where(lte(signInFailure.windowStart, before))
    .returning({ hash: signInFailure.keyHash })
  return rows.length
}

export async function countFailureRows(tx: ControlTx): Promise<number> {
  const rows = await tx.select({ n: sql<number>`coalesce(sum(${signInFailure.failures}), 0)::int` }).from(signInFailure)
  return rows[0]?.n ?? 0
}

/** Sessions of accounts that are closed; there must be none. System role only. */
export async function selectSessionsOfClosed(tx: ControlTx): Promise<AccountId[]> {
  const rows = await tx.execute<{ account_id: AccountId }>(
    sql`select s.account_id from session s join account a on a.tenant_id = s.tenant_id and a.id = s.account_id where a.state = 'closed'`,
  )
  return rows.map((row) => row.account_id)
}
