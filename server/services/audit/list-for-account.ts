import { selectAccountAudit } from '#db/control/queries/audit'
import { authoriseAccount } from '#server/access'
import type { AccountTarget, Actor, Page, ServiceContext } from '#server/services'
import { type AuditView, auditPage, beforeSeq, withoutOwnNames } from '#server/services/audit/view'
import { pageLimit } from '#server/services/input/paging'

/** Who did what on an account, newest first: the access ledger its owner reads. Others do not see the names and reasons the owner gave. */
export async function listAccountAudit(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { after?: string; limit?: number },
): Promise<Page<AuditView>> {
  const { isOwner } = await authoriseAccount(ctx, actor, 'account.audit', input)
  const limit = pageLimit(input.limit)
  const { tenantId, accountId } = input
  const page = { tenantId, accountId, beforeSeq: beforeSeq(input.after), limit: limit + 1 }
  const rows = await ctx.db.control.withTenant(tenantId, (tx) => selectAccountAudit(tx, page))
  const shown = await auditPage(ctx, rows, limit)
  return isOwner ? shown : withoutOwnNames(shown)
}
