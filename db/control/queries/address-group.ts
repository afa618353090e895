import { and, asc, count, eq } from 'drizzle-orm'
import type { ControlTx } from '#db/client'
import { addressGroup, directory, domain, groupMember } from '#db/control/schema/index'
import type { AccountId, DomainId, GroupId, TenantId } from '#lib/ids'

export type GroupRow = typeof addressGroup.$inferSelect
export type MemberRow = typeof groupMember.$inferSelect

interface GroupKey {
  tenantId: TenantId
  groupId: GroupId
}

const is = (key: GroupKey) => and(eq(addressGroup.tenantId, key.tenantId), eq(addressGroup.id, key.groupId))
const of = (key: GroupKey) => and(eq(groupMember.tenantId, key.tenantId), eq(groupMember.groupId, key.groupId))

export async function insertGroup(tx: ControlTx, row: typeof addressGroup.$inferInsert): Promise<void> {
  await tx.insert(addressGroup).values(row)
}

export async function selectGroup(tx: ControlTx, key: GroupKey): Promise<GroupRow | undefined> {
  const rows = await tx.select().from(addressGroup).where(is(key))
  return rows[0]
}

/** Holds off every other change to a group until commit. */
export async function lockGroup(tx: ControlTx, key: GroupKey): Promise<GroupRow | undefined> {
  const rows = await tx.select().from(addressGroup).where(is(key)).for('update')
  return rows[0]
}

/** The groups and lists of a tenant, oldest first, with how many members each has. */
export async function selectGroups(tx: ControlTx, tenantId: TenantId): Promise<(GroupRow & { members: number })[]> {
  const rows = await tx
    .select({ row: addressGroup, members: count(groupMember.id) })
    .from(addressGroup)
    .leftJoin(
      groupMember,
      and(eq(groupMember.tenantId, addressGroup.tenantId), eq(groupMember.groupId, addressGroup.id)),
    )
    .where(eq(addressGroup.tenantId, tenantId))
    .groupBy(addressGroup.tenantId, addressGroup.id)
    .orderBy(asc(addressGroup.createdAt), asc(addressGroup.id))
  return rows.map(({ row, members }) => ({ ...row, members }))
}

export async function countGroups(tx: ControlTx, tenantId: TenantId): Promise<number> {
  const rows = await tx.select({ n: count() }).from(addressGroup).where(eq(addressGroup.tenantId, tenantId))
  return rows[0]?.n ?? 0
}

export async function updateGroup(
  tx: ControlTx,
  key: GroupKey,
  set: { sealed: Buffer; posting: GroupRow['posting'] },
): Promise<void> {
  await tx.update(addressGroup).set(set).where(is(key))
}

/** Removes a group with its members; its address goes into quarantine until `freeAt`. */
export async function deleteGroup(tx: ControlTx, key: GroupKey & { freeAt: Date }): Promise<void> {
  await tx
    .update(directory)
    .set({ groupId: null, freeAt: key.freeAt })
    .where(and(eq(directory.tenantId, key.tenantId), eq(directory.groupId, key.groupId)))
  await tx.delete(addressGroup).where(is(key))
}

export async function selectMembers(tx: ControlTx, key: GroupKey): Promise<MemberRow[]> {
  return tx.select().from(groupMember).where(of(key)).orderBy(asc(groupMember.createdAt), asc(groupMember.id))
}

export async function countMembers(tx: ControlTx, key: GroupKey): Promise<number> {
  const rows = await tx.select({ n: count() }).from(groupMember).where(of(key))
  return rows[0]?.n ?? 0
}

/** Adds members; those that are in already are left out. Returns the ids that were added. */
export async function insertMembers(
  tx: ControlTx,
  rows: readonly (typeof groupMember.$inferInsert)[],
): Promise<Set<string>> {
  if (rows.length === 0) return new Set()
  const done = await tx
    .insert(groupMember)
    .values([...rows])
    .onConflictDoNothing()
    .returning({ id: groupMember.id })
  return new Set(done.map(({ id }) => id))
}

/** Removes one member; false when it is not there. */
export async function deleteMember(
  tx: ControlTx,
  key: GroupKey & ({ id: string } | { addressHash: Buffer }),
): Promise<boolean> {
  const one = 'id' in key ? eq(groupMember.id, key.id) : eq(groupMember.addressHash, key.addressHash)
  const rows = await tx
    .delete(groupMember)
    .where(and(of(key), one))
    .returning({ id: groupMember.id })
  return rows.length > 0
}

/** Takes an account out of every group: it is being ended. */
export async function deleteMemberships(
  tx: ControlTx,
  key: { tenantId: TenantId; accountId: AccountId },
): Promise<void> {
  await tx
    .delete(groupMember)
    .where(and(eq(groupMember.tenantId, key.tenantId), eq(groupMember.accountId, key.accountId)))
  await tx
    .update(domain)
    .set({ catchAllId: null })
    .where(and(eq(domain.tenantId, key.tenantId), eq(domain.catchAllId, key.accountId)))
}

/** Which account takes the mail of a domain that names nobody; false when there is no such domain. */
export async function setCatchAll(
  tx: ControlTx,
  at: { tenantId: TenantId; domainId: DomainId; accountId: AccountId | null },
): Promise<boolean> {
  const rows = await tx
    .update(domain)
    .set({ catchAllId: at.accountId })
    .where(and(eq(domain.tenantId, at.tenantId), eq(domain.id, at.domainId), eq(domain.state, 'verified')))
    .returning({ id: domain.id })
  return rows.length > 0
}
