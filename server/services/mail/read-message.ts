import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { fetchOne } from '#server/services/mail/fetch-one'
import { type MessageLine, messageLine } from '#server/services/mail/line'
import { withMailbox } from '#server/services/mail/mailbox'
import { type Correspondent, correspondents, parseMail } from '#server/services/mail/parse'

export interface AttachmentView {
  /** Its place among the attachments, for `readAttachment` */
  index: number
  filename: string
  mimeType: string
  /** bytes */
  size: number
  /** Content-ID without angle brackets, where the HTML may refer to it */
  contentId: string | null
  /** Part of the HTML's looks rather than something to download */
  inline: boolean
}

export interface MessageView extends MessageLine {
  folder: string
  cc: Correspondent[]
  bcc: Correspondent[]
  replyTo: Correspondent[]
  /** The Date header as ISO 8601, or as it stands when it is no date */
  date: string | null
  messageId: string | null
  references: string | null
  text: string | null
  /** As the stranger wrote it: unsafe to show outside the sandboxed frame that cleans it. */
  html: string | null
  attachments: AttachmentView[]
  headers: { name: string; value: string }[]
}

/** Reads one message. It does not mark it as seen: see `setFlags`. */
export async function readMessage(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { folder: string; uid: number },
): Promise<MessageView> {
  return withMailbox(ctx, actor, 'mail.read', input, async (store) => {
    const { message, raw } = await fetchOne(store, input)
    const mail = await parseMail(raw)
    return {
      ...(await messageLine(message)),
      folder: input.folder,
      cc: correspondents(mail.cc),
      bcc: correspondents(mail.bcc),
      replyTo: correspondents(mail.replyTo),
      date: mail.date ?? null,
      messageId: mail.messageId ?? null,
      references: mail.references ?? null,
      text: mail.text ?? null,
      html: mail.html ?? null,
      attachments: mail.attachments.map((part, index) => ({
        index,
        filename: part.filename ?? `attachment-${index + 1}`,
        mimeType: part.mimeType,
        size: typeof part.content === 'string' ? Buffer.byteLength(part.content) : part.content.byteLength,
        contentId: part.contentId?.replace(/^<|>$/g, '') ?? null,
        inline: part.related === true,
      })),
      headers: mail.headers.map(({ originalKey, value }) => ({ name: originalKey, value })),
    }
  })
}
