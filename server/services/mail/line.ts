import type { EmailId, MessageMeta, MessageState } from '#mailcore/api'
import { type Correspondent, correspondent, correspondents, parseMail } from '#server/services/mail/parse'

/** A message as a list shows it. */
export interface MessageLine {
  uid: number
  emailId: EmailId
  from: Correspondent | null
  to: Correspondent[]
  subject: string
  preview: string
  receivedAt: Date
  /** bytes */
  size: number
  seen: boolean
  flagged: boolean
  answered: boolean
  draft: boolean
  hasAttachment: boolean
}

/** What a list shows of the immutable part of a message. */
export async function metaLine(
  meta: MessageMeta | undefined,
): Promise<Pick<MessageLine, 'from' | 'to' | 'subject' | 'preview' | 'hasAttachment'>> {
  const mail = await parseMail(`${meta?.header.trimEnd() ?? ''}\r\n\r\n`)
  return {
    from: correspondent(mail.from),
    to: correspondents(mail.to),
    subject: mail.subject ?? '',
    preview: meta?.preview ?? '',
    hasAttachment: /"attachment"/i.test(meta?.bodystructure ?? ''),
  }
}

export async function messageLine(message: MessageState & { meta?: MessageMeta }): Promise<MessageLine> {
  const has = (flag: string) => message.flags.includes(flag)
  const { uid, emailId, receivedAt, size } = message
  return {
    uid,
    emailId,
    receivedAt,
    size,
    ...(await metaLine(message.meta)),
    seen: has('\\Seen'),
    flagged: has('\\Flagged'),
    answered: has('\\Answered'),
    draft: has('\\Draft'),
  }
}
