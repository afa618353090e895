import type { ControlTx } from '#db/client'
import type { RuleScope } from '#db/control/queries/sender-rule'
import type { RuleId } from '#lib/ids'
import { authoriseAccount, authoriseHouse, authoriseReseller, authoriseTenant } from '#server/access'
import type { Concerned } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'

/** Sender rules of one level, opened for somebody who may see and change them. */
export interface OpenScope {
  concerned: Concerned
  /** The key under which the level's patterns are sealed. */
  key(): Promise<Buffer>
  within<R>(work: (tx: ControlTx) => Promise<R>): Promise<R>
}

export const patternContext = (id: RuleId) => ['sender-rule/v1', id] as const

/** May this actor see and change the rules of this level? Throws as the authorisation does. Nobody reads the rules of an account but its owner. */
export async function openScope(ctx: ServiceContext, actor: Actor, scope: RuleScope): Promise<OpenScope> {
  const { control } = ctx.db
  const { keys } = ctx.core
  switch (scope.level) {
    case 'operator':
      authoriseHouse(actor, 'house.manage')
      return {
        concerned: { resellerId: null },
        key: () => keys.operatorKey(),
        within: (work) => control.withSystem('operator desk', work),
      }
    case 'reseller': {
      const { resellerId } = scope
      await authoriseReseller(ctx, actor, 'reseller.senders', resellerId)
      return {
        concerned: { resellerId },
        key: () => keys.resellerKey(resellerId),
        within: (work) => control.withReseller(resellerId, work),
      }
    }
    case 'tenant': {
      const { tenantId } = scope
      const { tenant } = await authoriseTenant(ctx, actor, 'tenant.senders', tenantId)
      return {
        concerned: { resellerId: tenant.resellerId, tenantId },
        key: () => keys.tenantKey(tenantId),
        within: (work) => control.withTenant(tenantId, work),
      }
    }
    case 'account': {
      const { tenantId, accountId } = scope
      const { tenant } = await authoriseAccount(ctx, actor, 'account.senders', { tenantId, accountId })
      return {
        concerned: { resellerId: tenant.resellerId, tenantId, accountId },
        key: () => keys.profileKey(tenantId, accountId),
        within: (work) => control.withTenant(tenantId, work),
      }
    }
  }
}
