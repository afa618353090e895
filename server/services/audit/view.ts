import type { AuditRow } from '#db/control/queries/audit'
import type { AccountId, AuditId, TenantId } from '#lib/ids'
import { openPersonal } from '#server/ledger'
import type { Page, ServiceContext } from '#server/services'

/** A line of the ledger as it is shown. */
export interface AuditView {
  id: AuditId
  seq: number
  at: Date
  action: string
  outcome: AuditRow['outcome']
  actor: { kind: AuditRow['actorKind']; id: string | null; name: string | null }
  tenantId: TenantId | null
  accountId: AccountId | null
  reason: string | null
  names: string[]
  facts: AuditRow['facts']
}

export async function auditView(ctx: ServiceContext, row: AuditRow): Promise<AuditView> {
  const personal = await openPersonal(ctx, row)
  const { id, seq, at, action, outcome, tenantId, accountId, facts } = row
  return {
    id,
    seq,
    at,
    action,
    outcome,
    actor: { kind: row.actorKind, id: row.actorId, name: personal?.actor ?? null },
    tenantId,
    accountId,
    reason: personal?.reason ?? null,
    names: personal?.names ?? [],
    facts,
  }
}

/** A page of rows read with one too many. */
export async function auditPage(
  ctx: ServiceContext,
  rows: readonly AuditRow[],
  limit: number,
): Promise<Page<AuditView>> {
  const items: AuditView[] = []
  for (const row of rows.slice(0, limit)) items.push(await auditView(ctx, row))
  return { items, next: rows.length > limit ? String(items.at(-1)?.seq ?? '') : null }
}

/** The number after which a page goes on; from the top when it is none. */
export const beforeSeq = (after: string | undefined): number | undefined =>
  after !== undefined && /^\d{1,15}$/.test(after) ? Number(after) : undefined

/**
 * What the owner of an account, a domain admin among them, did to it shows to others as an act, without the names (of app passwords) and
 * reasons they gave.
 */
export const withoutOwnNames = (page: Page<AuditView>): Page<AuditView> => ({
  ...page,
  items: page.items.map((item) => (isOwnAct(item) ? { ...item, names: [], reason: null } : item)),
})

const isOwnAct = ({ actor, accountId }: AuditView): boolean => accountId !== null && actor.id === accountId
