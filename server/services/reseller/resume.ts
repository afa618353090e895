import type { ResellerId } from '#lib/ids'
import type { Actor, ServiceContext } from '#server/services'
import { setResellerState } from '#server/services/reseller/set-state'

export const resumeReseller = (
  ctx: ServiceContext,
  actor: Actor,
  input: { resellerId: ResellerId; reason: string },
): Promise<void> => setResellerState(ctx, actor, { ...input, state: 'active' })
