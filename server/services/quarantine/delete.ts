import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { withMailbox } from '#server/services/mail/mailbox'

/** Deletes messages in quarantine; they stay recoverable like any deleted mail. Returns how many were still there. */
export async function deleteQuarantine(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { uids: readonly number[] },
): Promise<{ deleted: number }> {
  return withMailbox(ctx, actor, 'mail.change', input, async (store) => ({
    deleted: await store.deleteQuarantined(input.uids),
  }))
}
