import { isOutage, toFault } from '#lib/errors'
import type { Resolution } from '#mailcore/ports'

/** An SMTP reply other than 250, as smtp-server takes it. The text begins with its RFC 3463 code. */
export interface Reply extends Error {
  responseCode: number
}

/** The only place where an SMTP reply code is chosen is this file; every text is ours, none quotes a client or a database. */
const reply = (code: number, text: string): Reply => Object.assign(new Error(text), { responseCode: code })

export const REPLY = {
  relayDenied: () => reply(550, '5.7.1 Relay access denied'),
  unknownUser: () => reply(550, '5.1.1 No such address here'),
  suspended: () => reply(450, '4.2.1 Mailbox not accepting mail at the moment, try again later'),
  full: () => reply(452, '4.2.2 Mailbox is full'),
  badRecipient: () => reply(553, '5.1.3 Recipient address not allowed'),
  badSender: () => reply(553, '5.1.7 Sender address not allowed'),
  tooManySessions: () => reply(421, '4.7.0 Too many sessions from your network, try again later'),
  tooManyMessages: () => reply(450, '4.7.1 Too many messages from your network, try again later'),
  tooManyRefused: () => reply(421, '4.7.0 Too many unknown recipients'),
  bareLineBreak: () => reply(550, '5.6.11 Message holds a bare CR or LF (RFC 5321 section 2.3.8)'),
  loop: () => reply(554, '5.4.6 Too many hops, this looks like a loop'),
  tooLarge: () => reply(552, '5.3.4 Message is larger than allowed'),
  overloaded: () => reply(452, '4.3.1 Too much mail in transit, try again in a moment'),
  blocked: () => reply(550, '5.7.1 The recipient does not take mail from this sender'),
  badParameter: (name: string) => reply(501, `5.5.4 The parameter ${name} is not one we can follow`),
  notAllowed: () => reply(554, '5.7.1 This door is not open to you'),
  notForYou: () => reply(550, '5.7.1 This address does not take mail from you'),
  greylisted: () => reply(451, '4.7.1 Please try again in a few minutes'),
  sentTooMuch: () => reply(451, '4.7.1 You have sent to as many people as you may for now, try again later'),
  frozen: () => reply(550, '5.7.1 Sending is stopped for this account: ask whoever administers your mail to lift it'),
  outage: () => reply(451, '4.3.0 Temporary failure, nothing was lost, try again in a moment'),
  gone: () => reply(451, '4.4.2 Connection lost'),
  credentials: () => reply(535, '5.7.8 User name or password is wrong'),
  accountSuspended: () => reply(525, '5.7.13 This account is suspended'),
  slowDown: () => reply(454, '4.7.0 Too many failed sign-ins, try again later'),
  mayNotSend: () => reply(550, '5.7.1 This account may not send at the moment'),
  notYourAddress: () => reply(553, '5.7.1 This sender address does not belong to your account'),
  badFrom: () => reply(550, '5.6.0 The message needs one From field that holds addresses'),
  signedOut: () => reply(421, '4.7.0 You have been signed out'),
} as const

/** The reply that the checks have chosen. */
export const replyOf = (chosen: { code: number; enhanced: string; text: string }): Reply =>
  reply(chosen.code, `${chosen.enhanced} ${chosen.text}`)

/** The reply to what a port threw. An outage, or a defect of ours, is never the sender's fault: 4xx, and it tries again. */
export function replyTo(error: unknown): Reply {
  if (isOutage(error)) return REPLY.outage()
  const fault = toFault(error)
  switch (fault.code) {
    case 'OVER_QUOTA':
      return REPLY.full()
    case 'TOO_LARGE':
      return REPLY.tooLarge()
    case 'NOT_FOUND':
      return REPLY.unknownUser()
    case 'LIMIT':
      return REPLY.overloaded()
    case 'FORBIDDEN':
      return REPLY.suspended()
    case 'BAD_REQUEST':
    case 'UNAUTHENTICATED':
    case 'CONFLICT':
    case 'UNAVAILABLE':
    case 'INTERNAL':
      return REPLY.outage()
  }
}

/** The reply to a recipient, or null when there is a mailbox for it. */
export function refusalOf(resolution: Resolution): Reply | null {
  switch (resolution.kind) {
    case 'mailbox':
      return null
    case 'group':
    case 'handover':
      return REPLY.outage()
    case 'remote':
      return REPLY.relayDenied()
    case 'unknown':
      return REPLY.unknownUser()
    case 'suspended':
      return REPLY.suspended()
    case 'full':
      return REPLY.full()
  }
}
