import { Fault } from '#lib/errors'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { fetchOne } from '#server/services/mail/fetch-one'
import { withMailbox } from '#server/services/mail/mailbox'
import { parseMail } from '#server/services/mail/parse'

/** One attachment's bytes, by its place in `readMessage`. Name and type are the sender's claim: serve it as a download. */
export async function readAttachment(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { folder: string; uid: number; index: number },
): Promise<{ filename: string; mimeType: string; content: Buffer }> {
  return withMailbox(ctx, actor, 'mail.read', input, async (store) => {
    const { raw } = await fetchOne(store, input)
    const part = (await parseMail(raw)).attachments[input.index]
    if (!part) throw new Fault('NOT_FOUND', 'There is no such attachment.')
    const { content } = part
    const bytes =
      typeof content === 'string'
        ? Buffer.from(content)
        : content instanceof ArrayBuffer
          ? Buffer.from(content)
          : Buffer.from(content.buffer, content.byteOffset, content.byteLength)
    return { filename: part.filename ?? `attachment-${input.index + 1}`, mimeType: part.mimeType, content: bytes }
  })
}
