import type { EmailId } from '#mailcore/api'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { withMailbox } from '#server/services/mail/mailbox'

/** Brings deleted messages back, to the inbox unless another folder is named. Returns how many. */
export async function recoverMessages(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { emailIds: readonly EmailId[]; to?: string },
): Promise<{ recovered: number }> {
  return withMailbox(ctx, actor, 'mail.change', input, async (store) => ({
    recovered: (await store.recover(input.emailIds, input.to ?? 'INBOX')).uids.length,
  }))
}
