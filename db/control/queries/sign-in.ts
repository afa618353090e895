import type { Sql } from '#db/client'
import type { AccountId, RegionId, ResellerId, StaffId, TenantId } from '#lib/ids'

export interface StaffLogin {
  staffId: StaffId
  kind: 'operator' | 'reseller'
  resellerId: ResellerId | null
  passwordHash: string
  state: string
  epoch: number
}

/** The member of staff with this address (db/unsafe; look-up role). */
export async function staffForSignIn(sql: Sql, emailHash: Buffer): Promise<StaffLogin | undefined> {
  const rows = await sql<StaffLogin[]>`
    select staff_id "staffId", kind, reseller_id "resellerId", password_hash "passwordHash", state, epoch
    from unsafe.staff_for_sign_in(${emailHash})`
  return rows[0]
}

/** Failures counted per key since `since`. */
export async function failuresSince(sql: Sql, keys: readonly Buffer[], since: Date): Promise<Map<string, number>> {
  const rows = await sql<{ keyHash: Buffer; failures: number }[]>`
    select key_hash "keyHash", failures from unsafe.failures(${sql.array([...keys], 17)}, ${since})`
  return new Map(rows.map((row) => [row.keyHash.toString('hex'), Number(row.failures)]))
}

/** Counts one failure for every key, in the minute given. */
export async function countFailure(sql: Sql, keys: readonly Buffer[], minute: Date): Promise<void> {
  await sql`select unsafe.count_failure(${sql.array([...keys], 17)}, ${minute})`
}

/** The account that holds an address, in whatever state (db/unsafe; look-up role). */
export async function accountOfAddress(
  sql: Sql,
  hash: Buffer,
): Promise<{ tenantId: TenantId; accountId: AccountId; region: RegionId; state: string } | undefined> {
  const rows = await sql<{ tenantId: TenantId; accountId: AccountId; region: RegionId; state: string }[]>`
    select tenant_id "tenantId", account_id "accountId", region, state from unsafe.recipients(array[${hash}::bytea])`
  return rows[0]
}
