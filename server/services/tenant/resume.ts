import type { TenantId } from '#lib/ids'
import type { Actor, ServiceContext } from '#server/services'
import { setTenantState } from '#server/services/tenant/set-state'

export const resumeTenant = (
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; reason: string },
): Promise<void> => setTenantState(ctx, actor, { ...input, state: 'active' })
