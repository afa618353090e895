import type { AccountRow } from '#db/control/queries/account'
import type { TenantRow } from '#db/control/queries/tenant'
import { type AccountAct, authoriseAccount } from '#server/access'
import { type Concerned, reasonOf, sealPersonal } from '#server/ledger'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { actorName } from '#server/services/account/actor-name'

export interface ActOnAccount {
  tenant: TenantRow
  account: AccountRow
  isOwner: boolean
  concerned: Concerned
  /** Reason and name of whoever acts, sealed for the owner. */
  personal: Awaited<ReturnType<typeof sealPersonal>> | undefined
}

/**
 * What every act on an account begins with: may they; and when it is somebody else's account, why. The owner reads the reason and the name on
 * the account's ledger. `names` are further personal parts.
 */
export async function beginActOn(
  ctx: ServiceContext,
  actor: Actor,
  act: AccountAct,
  input: AccountTarget & { reason?: string; names?: string[] },
): Promise<ActOnAccount> {
  const target = { tenantId: input.tenantId, accountId: input.accountId }
  const { tenant, account, isOwner } = await authoriseAccount(ctx, actor, act, target)
  const concerned = { resellerId: tenant.resellerId, ...target }
  const names = input.names && input.names.length > 0 ? { names: input.names } : {}
  const parts = isOwner
    ? { ...(input.reason?.trim() ? { reason: reasonOf(input.reason) } : {}), ...names }
    : { reason: reasonOf(input.reason), actor: await actorName(ctx, actor), ...names }
  const empty = Object.keys(parts).length === 0
  return {
    tenant,
    account,
    isOwner,
    concerned,
    personal: empty ? undefined : await sealPersonal(ctx, concerned, parts),
  }
}
