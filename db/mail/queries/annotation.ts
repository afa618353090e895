import { randomUUID } from 'node:crypto'
import type { Tx } from '#db/client'
import type { AccountId, FolderId, TenantId } from '#lib/ids'

interface At {
  tenantId: TenantId
  accountId: AccountId
  /** null for the account itself */
  folderId: FolderId | null
}

const of = (tx: Tx, at: At) =>
  tx`tenant_id = ${at.tenantId} and account_id = ${at.accountId} and folder_id is not distinct from ${at.folderId}::uuid`

export interface AnnotationRow {
  entryHash: Buffer
  entrySealed: Buffer
  valueSealed: Buffer
}

export async function selectAnnotations(tx: Tx, at: At): Promise<AnnotationRow[]> {
  return tx<AnnotationRow[]>`
    select entry_hash "entryHash", entry_sealed "entrySealed", value_sealed "valueSealed" from annotation where ${of(tx, at)}`
}

export async function upsertAnnotation(tx: Tx, at: At, row: AnnotationRow): Promise<void> {
  await tx`
    insert into annotation (tenant_id, id, account_id, folder_id, entry_hash, entry_sealed, value_sealed)
    values (${at.tenantId}, ${randomUUID()}, ${at.accountId}, ${at.folderId}, ${row.entryHash}, ${row.entrySealed}, ${row.valueSealed})
    on conflict (tenant_id, account_id, folder_id, entry_hash)
    do update set entry_sealed = excluded.entry_sealed, value_sealed = excluded.value_sealed`
}

export async function deleteAnnotation(tx: Tx, at: At, entryHash: Buffer): Promise<void> {
  await tx`delete from annotation where ${of(tx, at)} and entry_hash = ${entryHash}`
}

/** How many annotations stand here, and the bytes of all of the account's. */
export async function sizeAnnotations(tx: Tx, at: At): Promise<{ here: number; accountBytes: number }> {
  const rows = await tx<{ here: number; accountBytes: number }[]>`
    select count(*) filter (where folder_id is not distinct from ${at.folderId}::uuid) here,
      coalesce(sum(octet_length(entry_sealed) + octet_length(value_sealed)), 0)::bigint "accountBytes"
    from annotation where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`
  return rows[0] ?? { here: 0, accountBytes: 0 }
}
