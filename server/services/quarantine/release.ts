import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { withMailbox } from '#server/services/mail/mailbox'

/** Puts messages out of quarantine into the inbox. Returns how many were still there. */
export async function releaseQuarantine(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { uids: readonly number[] },
): Promise<{ released: number }> {
  return withMailbox(ctx, actor, 'mail.change', input, async (store) => ({
    released: await store.releaseQuarantined(input.uids),
  }))
}
