import { and, asc, eq, sql } from 'drizzle-orm'
import type { ControlTx } from '#db/client'
import type { AccountKey } from '#db/control/queries/account'
import { credential } from '#db/control/schema/index'
import type { CredentialId } from '#lib/ids'

export type CredentialRow = typeof credential.$inferSelect

const of = (key: AccountKey) => and(eq(credential.tenantId, key.tenantId), eq(credential.accountId, key.accountId))

export async function insertCredential(tx: ControlTx, row: typeof credential.$inferInsert): Promise<void> {
  await tx.insert(credential).values(row)
}

export async function selectPassword(tx: ControlTx, key: AccountKey): Promise<CredentialRow | undefined> {
  const rows = await tx
    .select()
    .from(credential)
    .where(and(of(key), eq(credential.kind, 'password')))
  return rows[0]
}

export async function selectAppPasswords(tx: ControlTx, key: AccountKey): Promise<CredentialRow[]> {
  return tx
    .select()
    .from(credential)
    .where(and(of(key), eq(credential.kind, 'app')))
    .orderBy(asc(credential.createdAt), asc(credential.id))
}

export async function countAppPasswords(tx: ControlTx, key: AccountKey): Promise<number> {
  const rows = await tx
    .select({ n: sql<number>`count(*)::int` })
    .from(credential)
    .where(and(of(key), eq(credential.kind, 'app')))
  return rows[0]?.n ?? 0
}

/** Sets the account password's hash (argon2id text). */
export async function updatePassword(tx: ControlTx, key: AccountKey, hash: string): Promise<void> {
  await tx
    .update(credential)
    .set({ hash, createdAt: sql`now()`, lastUsedAt: null })
    .where(and(of(key), eq(credential.kind, 'password')))
}

/** Removes one app password; false when the account has none with this id. */
export async function deleteAppPassword(tx: ControlTx, key: AccountKey, id: CredentialId): Promise<boolean> {
  const rows = await tx
    .delete(credential)
    .where(and(of(key), eq(credential.id, id), eq(credential.kind, 'app')))
    .returning({ id: credential.id })
  return rows.length > 0
}

/** Removes the app passwords of an account, or every credential; returns how many. */
export async function deleteCredentials(tx: ControlTx, key: AccountKey, which: 'app' | 'all'): Promise<number> {
  const rows = await tx
    .delete(credential)
    .where(which === 'all' ? of(key) : and(of(key), eq(credential.kind, 'app')))
    .returning({ id: credential.id })
  return rows.length
}
