import type { EmailId } from '#mailcore/api'
import type { AccountTarget, Actor, Page, ServiceContext } from '#server/services'
import { pageLimit } from '#server/services/input/paging'
import { type MessageLine, metaLine } from '#server/services/mail/line'
import { withMailbox } from '#server/services/mail/mailbox'

export interface RecoverableLine extends Pick<MessageLine, 'from' | 'to' | 'subject' | 'preview' | 'hasAttachment'> {
  emailId: EmailId
  size: number
  deletedAt: Date
  /** When it goes for good */
  purgeAt: Date
}

/** Deleted messages that can still be brought back, last deleted first; `after` is the time of deletion of the last one shown. */
export async function listRecoverable(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { after?: string; limit?: number },
): Promise<Page<RecoverableLine>> {
  const limit = pageLimit(input.limit)
  const time = input.after === undefined ? Number.NaN : Date.parse(input.after)
  const before = Number.isNaN(time) ? undefined : new Date(time)
  return withMailbox(ctx, actor, 'mail.read', input, async (store) => {
    const found = await store.recoverable({ limit: limit + 1, before })
    const items = await Promise.all(
      found.slice(0, limit).map(async ({ emailId, size, deletedAt, purgeAt, meta }) => ({
        emailId,
        size,
        deletedAt,
        purgeAt,
        ...(await metaLine(meta)),
      })),
    )
    return { items, next: found.length > limit ? (items.at(-1)?.deletedAt.toISOString() ?? null) : null }
  })
}
