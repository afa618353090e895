import type { AccountTarget, Actor, Page, ServiceContext } from '#server/services'
import { pageLimit } from '#server/services/input/paging'
import { type MessageLine, messageLine } from '#server/services/mail/line'
import { type FolderView, folderView } from '#server/services/mail/list-folders'
import { withMailbox } from '#server/services/mail/mailbox'

/** A page of a folder, newest first; `after` is the uid of the last message of the page before. Throws NOT_FOUND for the folder. */
export async function listMessages(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { folder: string; after?: string; limit?: number },
): Promise<Page<MessageLine> & { folder: FolderView }> {
  const limit = pageLimit(input.limit)
  const beforeUid = input.after !== undefined && /^\d{1,10}$/.test(input.after) ? Number(input.after) : undefined
  return withMailbox(ctx, actor, 'mail.read', input, async (store) => {
    const { id } = await store.folder(input.folder)
    const { folder, messages } = await store.list(id, { newestFirst: true, limit: limit + 1, beforeUid })
    const uids = messages
      .map((message) => message.uid)
      .sort((a, b) => b - a)
      .slice(0, limit)
    const items: MessageLine[] = []
    for await (const message of store.fetch(id, uids, { meta: true })) items.push(await messageLine(message))
    items.sort((a, b) => b.uid - a.uid)
    const last = uids.at(-1)
    return {
      folder: folderView(folder),
      items,
      next: messages.length > limit && last !== undefined ? String(last) : null,
    }
  })
}
