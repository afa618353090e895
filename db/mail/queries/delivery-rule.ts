import type { Tx } from '#db/client'
import type { AccountId, TenantId } from '#lib/ids'

interface At {
  tenantId: TenantId
  accountId: AccountId
}

export type RuleKind = 'forward' | 'spam'

export async function selectRule(tx: Tx, at: At, kind: RuleKind): Promise<Buffer | undefined> {
  const rows = await tx<{ sealed: Buffer }[]>`
    select sealed from delivery_rule where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and kind = ${kind}`
  return rows[0]?.sealed
}

/** Sets a rule, or removes it. */
export async function putRule(tx: Tx, at: At, kind: RuleKind, sealed: Buffer | null): Promise<void> {
  if (sealed === null)
    await tx`delete from delivery_rule where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and kind = ${kind}`
  else
    await tx`
      insert into delivery_rule (tenant_id, account_id, kind, sealed, updated_at) values (${at.tenantId}, ${at.accountId}, ${kind}, ${sealed}, now())
      on conflict (tenant_id, account_id, kind) do update set sealed = excluded.sealed, updated_at = excluded.updated_at`
}

/** Is there anything to do with the account's mail before it is filed: an active script, or a rule? */
export async function hasWork(tx: Tx, at: At): Promise<boolean> {
  const rows = await tx`
    select 1 from sieve_script where tenant_id = ${at.tenantId} and account_id = ${at.accountId} and active
    union all select 1 from delivery_rule where tenant_id = ${at.tenantId} and account_id = ${at.accountId} limit 1`
  return rows.length > 0
}
