import { z } from 'zod'
import { LIMITS } from '#lib/limits'
import { ownOf, PER_MINUTE } from '#server/routers/call'
import { address } from '#server/routers/input'
import { sendMessage } from '#server/services/mail/send-message'
import { subscriberProcedure } from '#server/trpc'

/** An address with or without a name; what is none of ours to judge here, the service does. */
const correspondent = address.max(1_000)
const correspondents = z.array(correspondent).max(LIMITS.recipientsPerMessage)
/** Header text: line ends would begin a field of their own. */
const line = z
  .string()
  .max(2_000)
  .regex(/^[^\r\n\0]*$/, 'This text must be one line.')
const attachment = z.strictObject({
  filename: line.min(1).max(300),
  mimeType: z.string().regex(/^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}$/, 'This is not a media type.'),
  /** base64, RFC 4648 section 4 */
  content: z
    .base64()
    .max(LIMITS.messageBytes * 1.4)
    .transform((text) => Buffer.from(text, 'base64')),
})

const input = z.strictObject({
  /** One of one's own addresses; the account's first where it is left out */
  from: address.optional(),
  to: correspondents,
  cc: correspondents.optional(),
  bcc: correspondents.optional(),
  subject: line,
  text: z.string().max(5_000_000),
  html: z.string().max(5_000_000).optional(),
  inReplyTo: line.optional(),
  references: z
    .string()
    .max(20_000)
    .regex(/^[^\r\n\0]*$/)
    .optional(),
  attachments: z.array(attachment).max(100).optional(),
})

export const sendOwnMessage = subscriberProcedure
  .meta({ perMinute: PER_MINUTE.change })
  .input(input)
  .mutation(({ ctx, input }) => sendMessage(ctx.services, ctx.actor, { ...input, ...ownOf(ctx.actor) }))
