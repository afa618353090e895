import { and, asc, count, eq, inArray, isNull, lte, sql } from 'drizzle-orm'
import type { ControlTx } from '#db/client'
import { directory } from '#db/control/schema/index'
import type { AccountId, DomainId, GroupId, TenantId } from '#lib/ids'

export type DirectoryRow = typeof directory.$inferSelect

/** Claims an address. One that is taken or in quarantine throws 23505. */
export async function insertAddress(
  tx: ControlTx,
  row: { addressHash: Buffer; tenantId: TenantId; domainId: DomainId } & (
    | { accountId: AccountId; kind?: 'primary' }
    | { accountId: AccountId; kind: 'alias' | 'masked'; sealed: Buffer; createdAt: Date }
    | { groupId: GroupId; kind: 'group' }
  ),
): Promise<void> {
  // An old row whose quarantine is over makes room first.
  await tx.execute(sql`select unsafe.free_address(${row.addressHash})`)
  await tx.insert(directory).values({ kind: 'primary', ...row })
}

/** Whether an address is taken or in quarantine, whoever holds it (db/unsafe); null when it is free. */
export async function addressState(
  tx: ControlTx,
  hash: Buffer,
): Promise<{ taken: boolean; freeAt: Date | null } | null> {
  const rows = await tx.execute<{ taken: boolean; free_at: string | null }>(
    sql`select * from unsafe.address_state(${hash})`,
  )
  const row = rows[0]
  return row ? { taken: row.taken, freeAt: row.free_at === null ? null : new Date(row.free_at) } : null
}

/** The addresses of an account stay listed by hash only, and are not given again before `freeAt`. */
export async function quarantineAddresses(
  tx: ControlTx,
  key: { tenantId: TenantId; accountId: AccountId; freeAt: Date },
): Promise<void> {
  await tx
    .update(directory)
    .set({ accountId: null, sealed: null, freeAt: key.freeAt })
    .where(and(eq(directory.tenantId, key.tenantId), eq(directory.accountId, key.accountId)))
}

/** Frees an address that this tenant gave up, where it was an alias or a group's: its own may be given again at once, a person's may not. */
export async function freeOwnAddress(tx: ControlTx, at: { tenantId: TenantId; addressHash: Buffer }): Promise<void> {
  await tx
    .delete(directory)
    .where(
      and(
        eq(directory.tenantId, at.tenantId),
        eq(directory.addressHash, at.addressHash),
        isNull(directory.accountId),
        isNull(directory.groupId),
        inArray(directory.kind, ['alias', 'group']),
      ),
    )
}

interface AddressKey {
  tenantId: TenantId
  addressHash: Buffer
}

const at = (key: AddressKey) => and(eq(directory.tenantId, key.tenantId), eq(directory.addressHash, key.addressHash))

/** Aliases or masked addresses: of one account, or of the whole tenant; oldest first. */
export async function selectSecondary(
  tx: ControlTx,
  of: { tenantId: TenantId; accountId?: AccountId; kind: 'alias' | 'masked' },
): Promise<(DirectoryRow & { accountId: AccountId; sealed: Buffer })[]> {
  const rows = await tx
    .select()
    .from(directory)
    .where(
      and(
        eq(directory.tenantId, of.tenantId),
        eq(directory.kind, of.kind),
        of.accountId ? eq(directory.accountId, of.accountId) : undefined,
      ),
    )
    .orderBy(asc(directory.createdAt), asc(directory.addressHash))
  return rows.flatMap(({ accountId, sealed, ...row }) => (accountId && sealed ? [{ ...row, accountId, sealed }] : []))
}

export async function countSecondary(
  tx: ControlTx,
  of: { tenantId: TenantId; accountId: AccountId; kind: 'alias' | 'masked' },
): Promise<number> {
  const rows = await tx
    .select({ n: count() })
    .from(directory)
    .where(and(eq(directory.tenantId, of.tenantId), eq(directory.kind, of.kind), eq(directory.accountId, of.accountId)))
  return rows[0]?.n ?? 0
}

/** Takes an alias or masked address from its account, into quarantine until `freeAt`; the row as it was, or undefined when there is none. */
export async function releaseSecondary(
  tx: ControlTx,
  key: AddressKey & { kind: 'alias' | 'masked'; accountId?: AccountId; freeAt: Date },
): Promise<{ accountId: AccountId | null } | undefined> {
  const which = and(
    at(key),
    eq(directory.kind, key.kind),
    key.accountId ? eq(directory.accountId, key.accountId) : undefined,
  )
  const before = await tx.select({ accountId: directory.accountId }).from(directory).where(which).for('update')
  if (!before[0]?.accountId) return undefined
  await tx.update(directory).set({ accountId: null, sealed: null, freeAt: key.freeAt }).where(which)
  return before[0]
}

/** Changes a masked address of an account; false when there is none. */
export async function updateMasked(
  tx: ControlTx,
  key: AddressKey & { accountId: AccountId },
  set: { blocked?: boolean; sealed?: Buffer },
): Promise<boolean> {
  const rows = await tx
    .update(directory)
    .set(set)
    .where(and(at(key), eq(directory.kind, 'masked'), eq(directory.accountId, key.accountId)))
    .returning({ hash: directory.addressHash })
  return rows.length > 0
}

/** Gives up the addresses of an account that never came to life. */
export async function deleteAddresses(tx: ControlTx, key: { tenantId: TenantId; accountId: AccountId }): Promise<void> {
  await tx.delete(directory).where(and(eq(directory.tenantId, key.tenantId), eq(directory.accountId, key.accountId)))
}

export async function selectAddresses(tx: ControlTx, tenantId: TenantId): Promise<DirectoryRow[]> {
  return tx.select().from(directory).where(eq(directory.tenantId, tenantId))
}

/** Removes rows whose quarantine is over; system role only. Returns how many. */
export async function deleteExpiredQuarantine(tx: ControlTx, now: Date): Promise<number> {
  const rows = await tx
    .delete(directory)
    .where(and(isNull(directory.accountId), lte(directory.freeAt, now)))
    .returning({ hash: directory.addressHash })
  return rows.length
}
