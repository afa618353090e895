import { Fault } from '#lib/errors'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { fetchOne } from '#server/services/mail/fetch-one'
import { withMailbox } from '#server/services/mail/mailbox'
import { parseMail } from '#server/services/mail/parse'

export interface AttachmentContent {
  /** Its place in `readMessage` */
  index: number
  filename: string
  mimeType: string
  content: Buffer
}

/** One attachment's bytes, by its place in `readMessage`. Name and type are the sender's claim: serve it as a download. */
export async function readAttachment(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { folder: string; uid: number; index: number },
): Promise<AttachmentContent> {
  const { index, ...at } = input
  const [found] = await readAttachments(ctx, actor, { ...at, indexes: [index] })
  if (!found) throw new Fault('NOT_FOUND', 'There is no such attachment.')
  return found
}

/** Several attachments of one message, which is opened and parsed once for all; those that are not there are left out. */
export async function readAttachments(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { folder: string; uid: number; indexes: readonly number[] },
): Promise<AttachmentContent[]> {
  return withMailbox(ctx, actor, 'mail.read', input, async (store) => {
    const { raw } = await fetchOne(store, input)
    const { attachments } = await parseMail(raw)
    return input.indexes.flatMap((index) => {
      const part = attachments[index]
      if (!part) return []
      const { filename, mimeType, content } = part
      return [{ index, filename: filename ?? `attachment-${index + 1}`, mimeType, content: bytesOf(content) }]
    })
  })
}

function bytesOf(content: Uint8Array | ArrayBuffer | string): Buffer {
  if (typeof content === 'string' || content instanceof ArrayBuffer)
    return typeof content === 'string' ? Buffer.from(content) : Buffer.from(content)
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength)
}
