import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { withMailbox } from '#server/services/mail/mailbox'

/**
 * Puts messages into the trash; those that lie there already are deleted, and stay recoverable for the account's own days only.
 */
export async function deleteMessages(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { folder: string; uids: readonly number[] },
): Promise<{ trashed: number; deleted: number }> {
  return withMailbox(ctx, actor, 'mail.change', input, async (store) => {
    const folder = await store.folder(input.folder)
    if (folder.specialUse === 'trash') {
      return { trashed: 0, deleted: (await store.remove(folder.id, input.uids)).length }
    }
    const trash = (await store.folders()).find((one) => one.specialUse === 'trash')
    if (!trash) return { trashed: 0, deleted: (await store.remove(folder.id, input.uids)).length }
    return { trashed: (await store.move(folder.id, input.uids, trash.path)).uids.length, deleted: 0 }
  })
}
