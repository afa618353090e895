import type { Tx } from '#db/client'
import type { TenantId } from '#lib/ids'

export interface Attempt {
  tenantId: TenantId
  keyHash: Buffer
}

/**
 * Notes attempts and says of each whether it may pass, in the order given; keys must differ. One that comes for the first time, or again only after
 * `keepMs`, begins anew; one that comes after `waitMs` passes from then on.
 */
export async function noteAttempts(
  tx: Tx,
  attempts: readonly Attempt[],
  when: { now: Date; waitMs: number; keepMs: number },
): Promise<boolean[]> {
  // In one order for everybody: two servers that note the same keys do not wait for each other.
  const sorted = [...attempts].sort((a, b) => a.keyHash.compare(b.keyHash))
  const tenants = sorted.map(({ tenantId }) => tenantId)
  const hashes = sorted.map(({ keyHash }) => keyHash)
  const rows = await tx<{ tenantId: TenantId; keyHash: Buffer; passes: number }[]>`
    insert into greylist as g (tenant_id, key_hash, first_at, last_at, passes)
      select t, k, ${when.now}, ${when.now}, 0 from unnest(${tenants as string[]}::uuid[], ${tx.array(hashes, 1001)}::bytea[]) x(t, k)
    on conflict (tenant_id, key_hash) do update set
      first_at = case when g.last_at < ${new Date(when.now.getTime() - when.keepMs)} then excluded.first_at else g.first_at end,
      passes = case when g.last_at < ${new Date(when.now.getTime() - when.keepMs)} then 0
        when g.first_at <= ${new Date(when.now.getTime() - when.waitMs)} then g.passes + 1 else g.passes end,
      last_at = excluded.last_at
    returning tenant_id "tenantId", key_hash "keyHash", passes`
  const passes = new Map(rows.map((row) => [`${row.tenantId} ${row.keyHash.toString('hex')}`, row.passes > 0]))
  return attempts.map(({ tenantId, keyHash }) => passes.get(`${tenantId} ${keyHash.toString('hex')}`) ?? false)
}

/** Deletes what was last seen before a moment; returns how many rows. */
export async function deleteStaleAttempts(tx: Tx, before: Date): Promise<number> {
  const rows = await tx`delete from greylist where last_at < ${before}`
  return rows.count
}
