import type { Tx } from '#db/client'
import type { AccountId, FolderId, TenantId } from '#lib/ids'

interface At {
  tenantId: TenantId
  accountId: AccountId
}

export interface ScriptRow {
  id: string
  nameSealed: Buffer
  size: number
  active: boolean
}

export async function selectScripts(tx: Tx, at: At): Promise<ScriptRow[]> {
  return tx<ScriptRow[]>`
    select id, name_sealed "nameSealed", size, active from sieve_script where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`
}

export interface ScriptContentRow extends ScriptRow {
  sealed: Buffer
}

/** The script of a name, or the active one. */
export async function selectScript(
  tx: Tx,
  at: At,
  which: { nameHash: Buffer } | 'active',
): Promise<ScriptContentRow | undefined> {
  const one = which === 'active' ? tx`active` : tx`name_hash = ${which.nameHash}`
  const rows = await tx<ScriptContentRow[]>`
    select id, name_sealed "nameSealed", size, active, sealed from sieve_script
    where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and ${one}`
  return rows[0]
}

export async function insertScript(
  tx: Tx,
  at: At,
  row: { id: string; nameHash: Buffer; nameSealed: Buffer; sealed: Buffer; size: number },
): Promise<void> {
  await tx`
    insert into sieve_script (tenant_id, account_id, id, name_hash, name_sealed, sealed, size, updated_at)
    values (${at.tenantId}, ${at.accountId}, ${row.id}, ${row.nameHash}, ${row.nameSealed}, ${row.sealed}, ${row.size}, now())`
}

export async function updateScript(
  tx: Tx,
  at: At,
  id: string,
  content: { sealed: Buffer; size: number },
): Promise<void> {
  await tx`update sieve_script set sealed = ${content.sealed}, size = ${content.size}, updated_at = now()
           where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and id = ${id}`
}

export async function renameScriptRow(
  tx: Tx,
  at: At,
  id: string,
  name: { hash: Buffer; sealed: Buffer },
): Promise<void> {
  await tx`update sieve_script set name_hash = ${name.hash}, name_sealed = ${name.sealed}
           where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and id = ${id}`
}

export async function deleteScriptRow(tx: Tx, at: At, id: string): Promise<void> {
  await tx`delete from sieve_script where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and id = ${id}`
}

/** Makes this script the active one, or none. The mailbox must be locked. */
export async function markActive(tx: Tx, at: At, id: string | null): Promise<void> {
  await tx`update sieve_script set active = (id = ${id}::uuid) is true
           where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and active is distinct from ((id = ${id}::uuid) is true)`
}

/** Sets where deliveries go: the intake folder, or null for INBOX. */
export async function setIntake(tx: Tx, at: At, intakeId: FolderId | null): Promise<void> {
  await tx`update mailbox set intake_id = ${intakeId} where tenant_id = ${at.tenantId} and account_id = ${at.accountId}`
}

/** The account's hidden folder, if it was ever made. */
export async function selectIntakeFolder(tx: Tx, at: At): Promise<FolderId | undefined> {
  const rows = await tx<{ id: FolderId }[]>`
    select id from folder where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and special_use = 'intake'`
  return rows[0]?.id
}

export interface MemoryKey {
  kind: 'vacation' | 'duplicate'
  keyHash: Buffer
}

/** Has this been remembered, and is its time not over? */
export async function isRemembered(tx: Tx, at: At, key: MemoryKey, now: Date): Promise<boolean> {
  const rows = await tx`
    select 1 from sieve_memory where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and kind = ${key.kind}
      and key_hash = ${key.keyHash} and expires_at > ${now}`
  return rows.length > 0
}

/**
 * Remembers a key until `expiresAt`, unless it stands and its time is not over (then true is the answer, and its time stays; `renew` starts it anew).
 * What is over of the account goes on the way, and what is nearest its end where there are more than `most`.
 */
export async function rememberKey(
  tx: Tx,
  at: At,
  key: MemoryKey & { expiresAt: Date },
  options: { now: Date; renew: boolean; most: number },
): Promise<boolean> {
  await tx`delete from sieve_memory where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and expires_at <= ${options.now}`
  const set = options.renew ? tx`do update set expires_at = excluded.expires_at` : tx`do nothing`
  const rows = await tx<{ made: boolean }[]>`
    insert into sieve_memory (tenant_id, account_id, kind, key_hash, expires_at)
    values (${at.tenantId}, ${at.accountId}, ${key.kind}, ${key.keyHash}, ${key.expiresAt})
    on conflict (tenant_id, account_id, kind, key_hash) ${set} returning (xmax = 0) "made"`
  await tx`
    delete from sieve_memory where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and (kind, key_hash) in (
      select kind, key_hash from sieve_memory where tenant_id = ${at.tenantId} and account_id = ${at.accountId}
      order by expires_at desc, key_hash offset ${options.most})`
  return rows[0]?.made !== true
}
