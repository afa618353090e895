import { and, asc, eq, lte, sql } from 'drizzle-orm'
import type { ControlTx } from '#db/client'
import type { AccountKey } from '#db/control/queries/account'
import { accessToken } from '#db/control/schema/index'
import type { CredentialId } from '#lib/ids'

export type AccessTokenRow = typeof accessToken.$inferSelect

const of = (key: AccountKey) => and(eq(accessToken.tenantId, key.tenantId), eq(accessToken.accountId, key.accountId))

export async function insertAccessToken(tx: ControlTx, row: typeof accessToken.$inferInsert): Promise<void> {
  await tx.insert(accessToken).values(row)
}

/** The tokens of an account that still open something, the oldest first. */
export async function selectAccessTokens(tx: ControlTx, key: AccountKey): Promise<AccessTokenRow[]> {
  return tx
    .select()
    .from(accessToken)
    .where(and(of(key), sql`${accessToken.expiresAt} > now()`))
    .orderBy(asc(accessToken.createdAt), asc(accessToken.id))
}

/** How many tokens of an account still open something. */
export async function countAccessTokens(tx: ControlTx, key: AccountKey): Promise<number> {
  const rows = await tx
    .select({ n: sql<number>`count(*)::int` })
    .from(accessToken)
    .where(and(of(key), sql`${accessToken.expiresAt} > now()`))
  return rows[0]?.n ?? 0
}

/** Removes one token; false when the account has none with this id. */
export async function deleteAccessToken(tx: ControlTx, key: AccountKey, id: CredentialId): Promise<boolean> {
  const rows = await tx
    .delete(accessToken)
    .where(and(of(key), eq(accessToken.id, id)))
    .returning({ id: accessToken.id })
  return rows.length > 0
}

/** Removes every token of an account; returns how many. */
export async function deleteAccessTokens(tx: ControlTx, key: AccountKey): Promise<number> {
  const rows = await tx.delete(accessToken).where(of(key)).returning({ id: accessToken.id })
  return rows.length
}

/** Removes tokens whose time is over, of all tenants; system role only. Returns how many. */
export async function deleteExpiredAccessTokens(tx: ControlTx, now: Date): Promise<number> {
  const rows = await tx.delete(accessToken).where(lte(accessToken.expiresAt, now)).returning({ id: accessToken.id })
  return rows.length
}
