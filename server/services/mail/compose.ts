import { randomUUID } from 'node:crypto'
import MailComposer from 'nodemailer/lib/mail-composer'
import { addressParser } from 'postal-mime'
import { Fault } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import { addressOf } from '#server/services/input/text'
import { type Correspondent, correspondents } from '#server/services/mail/parse'

export interface Draft {
  /** Addresses, with or without names: `Ada <ada@example.org>`. */
  to: readonly string[]
  cc?: readonly string[]
  bcc?: readonly string[]
  subject: string
  text: string
  html?: string
  /** Message-ID of what this answers, and the References it had. */
  inReplyTo?: string
  references?: string
  attachments?: readonly { filename: string; mimeType: string; content: Buffer }[]
}

export interface Composed {
  raw: Buffer
  /** `raw` with its Bcc field, for the sender's own copy */
  copy: Buffer
  recipients: string[]
}

/** Names and addresses out of what was typed into an address field. Throws BAD_REQUEST naming it. */
function parseField(texts: readonly string[] | undefined, field: string): Correspondent[] {
  return (texts ?? []).flatMap((text) =>
    correspondents(addressParser(text)).map(({ name, address }) => ({
      name: oneLine(name),
      address: addressOf(address, field).address,
    })),
  )
}

/** No line break reaches a header field. */
const oneLine = (text: string): string => text.replace(/[\r\n\0]+/g, ' ').trim()

/** Writes a message of `from`. It carries nothing of the browser or network it was written in. */
export async function compose(from: Correspondent, draft: Draft, now: Date): Promise<Composed> {
  const to = parseField(draft.to, 'to')
  const cc = parseField(draft.cc, 'cc')
  const bcc = parseField(draft.bcc, 'bcc')
  const recipients = [...new Set([...to, ...cc, ...bcc].map((one) => one.address))]
  if (recipients.length === 0) throw new Fault('BAD_REQUEST', 'Name at least one recipient.', { field: 'to' })
  if (recipients.length > LIMITS.recipientsPerMessage)
    throw new Fault('LIMIT', `A message has at most ${LIMITS.recipientsPerMessage} recipients.`, { field: 'to' })
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1)
  const composer = new MailComposer({
    from,
    to,
    cc,
    subject: oneLine(draft.subject),
    text: draft.text,
    html: draft.html,
    inReplyTo: draft.inReplyTo === undefined ? undefined : oneLine(draft.inReplyTo),
    references: draft.references === undefined ? undefined : oneLine(draft.references),
    messageId: `<${randomUUID()}@${domain}>`,
    date: now,
    newline: '\r\n',
    // A message is bytes and addresses here; nothing in it may make us open a file or a URL.
    disableFileAccess: true,
    disableUrlAccess: true,
    attachments: draft.attachments?.map(({ filename, mimeType, content }) => ({
      filename: oneLine(filename),
      contentType: oneLine(mimeType),
      content,
    })),
  })
  const raw = await composer.compile().build()
  const hidden = bcc.map((one) => one.address).join(',\r\n ')
  const copy = hidden === '' ? raw : Buffer.concat([Buffer.from(`Bcc: ${hidden}\r\n`), raw])
  return { raw, copy, recipients }
}
