import type { Tx } from '#db/client'
import type { TenantId } from '#lib/ids'

const BYTEA = 1001

export type SuppressionCause = 'unknown' | 'refused' | 'complaint' | 'person'

export interface SuppressionRow {
  tenantId: TenantId
  addressHash: Buffer
  sealed: Buffer
  cause: SuppressionCause
  since: Date
  expiresAt: Date
}

/** Which of these addresses are not to be tried at the moment. */
export function findSuppressed(
  tx: Tx,
  asked: readonly { tenantId: TenantId; addressHash: Buffer }[],
): Promise<Pick<SuppressionRow, 'tenantId' | 'addressHash' | 'cause' | 'since'>[]> {
  const hashes = tx.array(
    asked.map((one) => one.addressHash),
    BYTEA,
  )
  return tx`select s.tenant_id "tenantId", s.address_hash "addressHash", s.cause, s.since
    from unnest(${asked.map((one) => one.tenantId)}::uuid[], ${hashes}) a(tenant_id, address_hash)
    join suppression s on s.tenant_id = a.tenant_id and s.address_hash = a.address_hash where s.expires_at > now()`
}

/** Days of a first suppression; each that follows on one not long over lasts twice as long, up to the most. */
const FIRST_DAYS = 7
const MOST_DAYS = 90

/** Suppresses an address, or longer if it was before. */
export async function upsertSuppression(
  tx: Tx,
  row: Pick<SuppressionRow, 'tenantId' | 'addressHash' | 'sealed' | 'cause'>,
): Promise<void> {
  await tx`insert into suppression (tenant_id, address_hash, sealed, cause, since, expires_at)
    values (${row.tenantId}, ${row.addressHash}, ${row.sealed}, ${row.cause}, now(), now() + make_interval(days => ${FIRST_DAYS}))
    on conflict (tenant_id, address_hash) do update set cause = excluded.cause, since = now(),
      expires_at = now() + least(make_interval(days => ${MOST_DAYS}), 2 * (suppression.expires_at - suppression.since))
    where suppression.expires_at <= now()`
}

export function selectSuppressions(
  tx: Tx,
  page: { tenantId: TenantId; after: Buffer | null; limit: number },
): Promise<SuppressionRow[]> {
  return tx<
    SuppressionRow[]
  >`select tenant_id "tenantId", address_hash "addressHash", sealed, cause, since, expires_at "expiresAt"
    from suppression where tenant_id = ${page.tenantId} and expires_at > now()
      ${page.after === null ? tx`` : tx`and address_hash > ${page.after}`} order by address_hash limit ${page.limit}`
}

export async function deleteSuppression(tx: Tx, at: { tenantId: TenantId; addressHash: Buffer }): Promise<boolean> {
  const done = await tx`delete from suppression where tenant_id = ${at.tenantId} and address_hash = ${at.addressHash}`
  return done.count > 0
}

/** Forgets those whose time has been over for long; until then a new failure lasts longer. */
export async function sweepSuppressions(tx: Tx): Promise<void> {
  await tx`delete from suppression where expires_at < now() - interval '90 days'`
}
