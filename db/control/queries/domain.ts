import { and, asc, eq, sql } from 'drizzle-orm'
import type { ControlTx } from '#db/client'
import { directory, domain } from '#db/control/schema/index'
import type { DomainId, TenantId } from '#lib/ids'

export type DomainRow = typeof domain.$inferSelect

export async function insertDomain(tx: ControlTx, row: typeof domain.$inferInsert): Promise<void> {
  await tx.insert(domain).values(row)
}

export async function selectDomain(
  tx: ControlTx,
  key: { tenantId: TenantId } & ({ id: DomainId } | { name: string }),
): Promise<DomainRow | undefined> {
  const rows = await tx
    .select()
    .from(domain)
    .where(and(eq(domain.tenantId, key.tenantId), 'id' in key ? eq(domain.id, key.id) : eq(domain.name, key.name)))
  return rows[0]
}

/**
 * Until commit: whoever puts an address on a domain shares the lock, whoever removes the domain holds it alone, so that no address outlives its domain.
 * Read the domain after it.
 */
export async function lockDomainName(tx: ControlTx, name: string, mode: 'shared' | 'alone'): Promise<void> {
  const key = sql`hashtextextended(${`mailtight domain ${name}`}, 0)`
  await tx.execute(
    mode === 'alone' ? sql`select pg_advisory_xact_lock(${key})` : sql`select pg_advisory_xact_lock_shared(${key})`,
  )
}

/** A tenant's domains by name, with the number of addresses in use on each. */
export async function selectDomains(tx: ControlTx, tenantId: TenantId): Promise<(DomainRow & { addresses: number })[]> {
  const rows = await tx
    .select({
      row: domain,
      addresses: sql<number>`(select count(*)::int from ${directory} x where x.tenant_id = "domain"."tenant_id" and x.domain_id = "domain"."id" and (x.account_id is not null or x.group_id is not null))`,
    })
    .from(domain)
    .where(eq(domain.tenantId, tenantId))
    .orderBy(asc(domain.name))
  return rows.map(({ row, addresses }) => ({ ...row, addresses }))
}

export async function countDomains(tx: ControlTx, tenantId: TenantId): Promise<number> {
  const rows = await tx.select({ n: sql<number>`count(*)::int` }).from(domain).where(eq(domain.tenantId, tenantId))
  return rows[0]?.n ?? 0
}

/** Marks a domain verified; false when it already was. A name another tenant has verified throws 23505. */
export async function markVerified(
  tx: ControlTx,
  key: { tenantId: TenantId; id: DomainId; at: Date },
): Promise<boolean> {
  const rows = await tx
    .update(domain)
    .set({ state: 'verified', verifiedAt: key.at })
    .where(and(eq(domain.tenantId, key.tenantId), eq(domain.id, key.id), eq(domain.state, 'unverified')))
    .returning({ id: domain.id })
  return rows.length > 0
}

export async function deleteDomain(tx: ControlTx, key: { tenantId: TenantId; id: DomainId }): Promise<void> {
  await tx.delete(domain).where(and(eq(domain.tenantId, key.tenantId), eq(domain.id, key.id)))
}

/** The tenant that holds a verified name, whoever asks (db/unsafe). */
export async function domainHolder(tx: ControlTx, name: string): Promise<{ tenantId: TenantId; id: DomainId } | null> {
  const rows = await tx.execute<{ tenant_id: TenantId; id: DomainId }>(sql`select * from unsafe.domain_holder(${name})`)
  const row = rows[0]
  return row ? { tenantId: row.tenant_id, id: row.id } : null
}

/** The tenant that holds a verified name; system role only. */
export async function selectVerifiedHolder(tx: ControlTx, name: string): Promise<TenantId | null> {
  const rows = await tx
    .select({ tenantId: domain.tenantId })
    .from(domain)
    .where(and(eq(domain.name, name), eq(domain.state, 'verified')))
  return rows[0]?.tenantId ?? null
}

export interface VerifiedDomain {
  tenantId: TenantId
  id: DomainId
}

/** Verified domains of all tenants in a fixed order, from behind `after` on; system role only. */
export async function selectVerifiedDomains(
  tx: ControlTx,
  page: { after: VerifiedDomain | null; limit: number },
): Promise<VerifiedDomain[]> {
  const behind = page.after
    ? sql`(${domain.tenantId}, ${domain.id}) > (${page.after.tenantId}::uuid, ${page.after.id}::uuid)`
    : undefined
  return tx
    .select({ tenantId: domain.tenantId, id: domain.id })
    .from(domain)
    .where(and(eq(domain.state, 'verified'), behind))
    .orderBy(asc(domain.tenantId), asc(domain.id))
    .limit(page.limit)
}

/** Domains of this name, verified ones first; system role only. */
export async function selectDomainsNamed(tx: ControlTx, name: string): Promise<VerifiedDomain[]> {
  return tx
    .select({ tenantId: domain.tenantId, id: domain.id })
    .from(domain)
    .where(eq(domain.name, name))
    .orderBy(sql`${domain.state} = 'verified' desc`)
}

export async function setMtaSts(
  tx: ControlTx,
  of: { tenantId: TenantId; domainId: DomainId; mode: 'none' | 'testing' | 'enforce' },
): Promise<void> {
  await tx
    .update(domain)
    .set({ mtaSts: of.mode })
    .where(and(eq(domain.tenantId, of.tenantId), eq(domain.id, of.domainId)))
}
