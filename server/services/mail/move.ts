import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { withMailbox } from '#server/services/mail/mailbox'

/** Moves messages to another folder; none is ever in neither. Returns how many moved. */
export async function moveMessages(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { folder: string; uids: readonly number[]; to: string },
): Promise<{ moved: number }> {
  return withMailbox(ctx, actor, 'mail.change', input, async (store) => {
    const { id } = await store.folder(input.folder)
    const placed = await store.move(id, input.uids, input.to)
    return { moved: placed.uids.length }
  })
}
