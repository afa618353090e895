import { and, asc, eq, inArray } from 'drizzle-orm'
import type { ControlTx } from '#db/client'
import { dkimKey, domain } from '#db/control/schema/index'
import type { DkimKeyId, DomainId, TenantId } from '#lib/ids'

export type DkimKeyRow = typeof dkimKey.$inferSelect
type Key = { tenantId: TenantId; id: DkimKeyId }

export async function insertDkimKey(tx: ControlTx, row: typeof dkimKey.$inferInsert): Promise<void> {
  await tx.insert(dkimKey).values(row)
}

/** The keys of a domain, oldest first. */
export async function selectDkimKeys(
  tx: ControlTx,
  of: { tenantId: TenantId; domainId: DomainId },
): Promise<DkimKeyRow[]> {
  return tx
    .select()
    .from(dkimKey)
    .where(and(eq(dkimKey.tenantId, of.tenantId), eq(dkimKey.domainId, of.domainId)))
    .orderBy(asc(dkimKey.createdAt), asc(dkimKey.id))
}

/** Keys of a tenant whose private halves must be there. */
export async function selectLivingKeyIds(tx: ControlTx, tenantId: TenantId): Promise<DkimKeyId[]> {
  const rows = await tx
    .select({ id: dkimKey.id })
    .from(dkimKey)
    .where(and(eq(dkimKey.tenantId, tenantId), inArray(dkimKey.state, ['pending', 'active', 'retiring'])))
  return rows.map(({ id }) => id)
}

/** Holds off every other change to the keys of a domain until commit; false when there is no such verified domain. */
export async function lockDomain(tx: ControlTx, of: { tenantId: TenantId; domainId: DomainId }): Promise<boolean> {
  const rows = await tx
    .select({ state: domain.state })
    .from(domain)
    .where(and(eq(domain.tenantId, of.tenantId), eq(domain.id, of.domainId)))
    .for('update')
  return rows[0]?.state === 'verified'
}

export async function setDkimState(tx: ControlTx, key: Key & { state: DkimKeyRow['state']; at: Date }): Promise<void> {
  await tx
    .update(dkimKey)
    .set({ state: key.state, stateAt: key.at })
    .where(and(eq(dkimKey.tenantId, key.tenantId), eq(dkimKey.id, key.id)))
}

/** Notes that the records of these keys were seen in the DNS as they should be. */
export async function markPublished(
  tx: ControlTx,
  keys: { tenantId: TenantId; ids: readonly DkimKeyId[]; at: Date },
): Promise<void> {
  if (keys.ids.length === 0) return
  await tx
    .update(dkimKey)
    .set({ publishedAt: keys.at })
    .where(and(eq(dkimKey.tenantId, keys.tenantId), inArray(dkimKey.id, [...keys.ids])))
}
