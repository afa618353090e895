import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { setAccountState } from '#server/services/account/set-state'

export const resumeAccount = (
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { reason: string },
): Promise<void> => setAccountState(ctx, actor, { ...input, state: 'active' })
