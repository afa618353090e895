import { randomUUID } from 'node:crypto'
import MailComposer from 'nodemailer/lib/mail-composer'
import { HOUR_MS } from '#lib/clock'
import type { AccountRef } from '#mailcore/api'
import type { ServiceContext } from '#server/services'
import { LETTERS, type Letter } from '#server/services/demo/letters'

/** Puts the demo letters into a mailbox, each at its own time. `most`: only the last so many. */
export async function deliverLetters(
  ctx: ServiceContext,
  to: AccountRef & { name: string; address: string },
  most: number,
): Promise<number> {
  const now = ctx.clock.now().getTime()
  const ids = LETTERS.map((letter) => `<${randomUUID()}@${letter.from.address.split('@')[1] ?? 'example'}>`)
  const store = await ctx.core.open(to)
  try {
    let count = 0
    for (const [index, letter] of LETTERS.entries()) {
      if (index < LETTERS.length - most) continue
      const receivedAt = new Date(now - letter.hoursAgo * HOUR_MS)
      const raw = await write(letter, { to, ids, index, date: receivedAt })
      await store.append(letter.folder ?? 'INBOX', { raw, flags: letter.flags, receivedAt })
      count++
    }
    return count
  } finally {
    store.close()
  }
}

function write(
  letter: Letter,
  at: { to: { name: string; address: string }; ids: readonly string[]; index: number; date: Date },
): Promise<Buffer> {
  const answered = letter.answers === undefined ? undefined : at.ids[letter.answers]
  return new MailComposer({
    from: letter.from,
    to: { name: at.to.name, address: at.to.address },
    subject: letter.subject,
    text: letter.text.replaceAll('{me}', at.to.name.split(' ')[0] ?? at.to.name),
    html: letter.html,
    messageId: at.ids[at.index],
    inReplyTo: answered,
    references: answered,
    date: at.date,
    newline: '\r\n',
    attachments: letter.attachment
      ? [
          {
            filename: letter.attachment.filename,
            contentType: letter.attachment.mimeType,
            content: Buffer.from(letter.attachment.content),
          },
        ]
      : [],
  })
    .compile()
    .build()
}
