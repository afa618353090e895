import type { Clock } from '#lib/clock'
import { keyedHash } from '#lib/crypto/hash'
import { type Branded, newId } from '#lib/ids'
import type { Delivery, Mailbox } from '#mailcore/ports'
import { formatDate } from '#mailcore/proto/date'
import { headerText, textPart } from '#mailcore/proto/header-text'

export interface Notice {
  /** Names what is told: the same is told once a day at most, whoever asks again. */
  key: string
  subject: string
  /** Plain text, paragraphs apart by an empty line */
  text: string
}

/** Puts a notice of this host into a mailbox. It needs no key but the public one, and answers to it go to the domain's postmaster. */
export async function notify(
  ports: { delivery: Delivery; lookupKey: Buffer; clock: Clock },
  to: { mailbox: Mailbox; address: string },
  notice: Notice,
): Promise<void> {
  const now = ports.clock.now()
  const domain = to.address.slice(to.address.lastIndexOf('@') + 1)
  const part = textPart(notice.text)
  const head = [
    `Return-Path: <>`,
    `From: MailTight <postmaster@${domain}>`,
    `To: <${to.address}>`,
    `Subject: ${headerText(notice.subject)}`,
    `Date: ${formatDate(now)}`,
    `Message-ID: <${newId<Branded<'MessageToken'>>(now.getTime())}@${domain}>`,
    'Auto-Submitted: auto-generated',
    ...part.fields,
  ]
  await ports.delivery.deliver({
    raw: Buffer.from(`${head.join('\r\n')}\r\n\r\n${part.body}`),
    receivedAt: now,
    mailboxes: [to.mailbox],
    envelope: { sender: '', recipientsOf: () => [to.address] },
    onceKey: keyedHash(ports.lookupKey, 'notice', notice.key),
  })
}
