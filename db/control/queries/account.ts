import { and, asc, eq, inArray, isNotNull, lte, ne, notExists, sql } from 'drizzle-orm'
import type { ControlTx } from '#db/client'
import { account, intent } from '#db/control/schema/index'
import type { AccountId, TenantId } from '#lib/ids'

export type AccountRow = typeof account.$inferSelect
export type AccountState = AccountRow['state']

export interface AccountKey {
  tenantId: TenantId
  accountId: AccountId
}

const is = (key: AccountKey) => and(eq(account.tenantId, key.tenantId), eq(account.id, key.accountId))

export async function insertAccount(tx: ControlTx, row: typeof account.$inferInsert): Promise<void> {
  await tx.insert(account).values(row)
}

export async function selectAccount(tx: ControlTx, key: AccountKey): Promise<AccountRow | undefined> {
  const rows = await tx.select().from(account).where(is(key))
  return rows[0]
}

/** Locks the row until commit, so that a change of state and what follows from it are one. */
export async function lockAccount(tx: ControlTx, key: AccountKey): Promise<AccountRow | undefined> {
  const rows = await tx.select().from(account).where(is(key)).for('update')
  return rows[0]
}

/** The accounts of a tenant that are not closed, oldest first. */
export async function selectLivingAccounts(tx: ControlTx, tenantId: TenantId): Promise<AccountRow[]> {
  return tx
    .select()
    .from(account)
    .where(and(eq(account.tenantId, tenantId), ne(account.state, 'closed')))
    .orderBy(asc(account.createdAt), asc(account.id))
}

/** All accounts in the transaction's scope, closed ones included. */
export async function selectAllAccounts(tx: ControlTx, tenantId: TenantId): Promise<AccountRow[]> {
  return tx.select().from(account).where(eq(account.tenantId, tenantId)).orderBy(asc(account.id))
}

/** Changes an account, but only from one of `from`; returns the changed row. */
export async function updateAccount(
  tx: ControlTx,
  key: AccountKey,
  set: Partial<typeof account.$inferInsert>,
  from?: readonly AccountState[],
): Promise<AccountRow | undefined> {
  const rows = await tx
    .update(account)
    .set(set)
    .where(from ? and(is(key), inArray(account.state, [...from])) : is(key))
    .returning()
  return rows[0]
}

/** Raises the sign-in epoch, which ends every session, and tells every door when this transaction commits. */
export async function signOutEverywhere(
  tx: ControlTx,
  key: AccountKey,
  reason: 'suspended' | 'password' | 'terminated',
): Promise<void> {
  await tx
    .update(account)
    .set({ signInEpoch: sql`${account.signInEpoch} + 1` })
    .where(is(key))
  await tx.execute(sql`select pg_notify('sign_out', ${`${key.accountId}:${reason}`})`)
}

/** Tells the mail doors to end this account's sessions when this transaction commits; web sessions stay. */
export async function signOutMail(tx: ControlTx, key: AccountKey): Promise<void> {
  await tx.execute(sql`select pg_notify('sign_out', ${`${key.accountId}:password`})`)
}

/** Tells every process that people of a tenant changed, when this transaction commits. */
export async function directoryChanged(tx: ControlTx, tenantId: TenantId): Promise<void> {
  await tx.execute(sql`select pg_notify('directory_changed', ${tenantId as string})`)
}

/** Closing accounts whose grace is over and whose erasure has not begun, oldest first; system role only. */
export async function selectGraceOver(
  tx: ControlTx,
  now: Date,
  most: number,
): Promise<{ tenantId: TenantId; accountId: AccountId }[]> {
  return tx
    .select({ tenantId: account.tenantId, accountId: account.id })
    .from(account)
    .where(
      and(
        eq(account.state, 'closing'),
        isNotNull(account.closingUntil),
        lte(account.closingUntil, now),
        notExists(
          tx
            .select({ id: intent.id })
            .from(intent)
            .where(and(eq(intent.accountId, account.id), eq(intent.action, 'account.erase'), eq(intent.state, 'open'))),
        ),
      ),
    )
    .orderBy(asc(account.closingUntil))
    .limit(most)
}

/** Removes the row of an account that never came to life; system role only. */
export async function deleteProvisioning(tx: ControlTx, key: AccountKey): Promise<void> {
  await tx.delete(account).where(and(is(key), eq(account.state, 'provisioning')))
}

/** Accounts by state in the transaction's scope. */
export async function countAccountsByState(tx: ControlTx, tenantId?: TenantId): Promise<Record<AccountState, number>> {
  const rows = await tx
    .select({ state: account.state, n: sql<number>`count(*)::int` })
    .from(account)
    .where(tenantId === undefined ? undefined : eq(account.tenantId, tenantId))
    .groupBy(account.state)
  const out: Record<AccountState, number> = { provisioning: 0, active: 0, suspended: 0, closing: 0, closed: 0 }
  for (const row of rows) out[row.state] = row.n
  return out
}
