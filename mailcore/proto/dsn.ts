import { formatDate } from './date'
import { oneLine } from './sanitise'

/** What has become of a recipient (RFC 3464 2.3.3). */
export type DsnAction = 'failed' | 'delayed' | 'relayed' | 'delivered'

/** What a report about one recipient is made of; a bounce, unless `action` says otherwise. */
export interface Bounce {
  action?: DsnAction
  /** Our host name */
  reportingMta: string
  /** Where the bounce goes: MAIL FROM of the message. Never '' (a bounce is not bounced, RFC 5321 4.5.5). */
  originalSender: string
  /** The recipient that failed */
  recipient: string
  /** Three-digit reply code, such as 550 */
  code: number
  /** RFC 3463 status, such as 5.1.1 */
  enhanced: string
  /** What the remote server said, if one did; it may say anything */
  remoteText?: string
  /** The recipient's own words, where their mail rules refused it (RFC 5429); several lines */
  refusal?: string
  /** The header block of the message that failed, one character per byte (header.text) */
  originalHeaders: string
  /** All of the message, where its sender asked for it (RFC 3461 4.3) and may have it */
  original?: Buffer
  /** ENVID, decoded (RFC 3464 2.2.1) */
  envid?: string
  /** ORCPT, decoded (RFC 3464 2.3.1): `type;address`, or an address alone */
  orcpt?: string
  /** When the message came to us (RFC 3464 2.2.5) */
  arrivedAt?: Date
  /** Until when it is tried, for a delay (RFC 3464 2.3.9) */
  retryUntil?: Date
  /** Nothing was said by another server: the address has refused mail of late and was not asked again */
  suppressedSince?: Date
  now: Date
  /** Without angle brackets */
  messageId: string
}

/** Header bytes of the original that go back; enough to recognise a message by. */
const ORIGINAL_BYTES = 16 * 1024

const SUBJECTS: Record<DsnAction, string> = {
  failed: 'Undelivered mail returned to sender',
  delayed: 'Your mail is delayed',
  relayed: 'Your mail was handed on',
  delivered: 'Your mail was delivered',
}

/** RFC 3463 class of each action. */
const CLASSES: Record<DsnAction, string> = { failed: '5', delayed: '4', relayed: '2', delivered: '2' }

/**
 * A delivery status notification (RFC 3464, in multipart/report of RFC 6522) as bytes with CRLF. Its envelope sender must
 * be null. It returns the original's header only (text/rfc822-headers) unless all of it is handed in: bodies in bounces have carried mail to strangers.
 * Nothing in it names the host from which the original was submitted, because the queue holds none.
 */
export function buildBounce(bounce: Bounce): Buffer {
  const action = bounce.action ?? 'failed'
  // The boundary must not occur in the parts: it is made of our own random message id, which no stranger knows.
  const boundary = `=_${bounce.messageId.replace(/[^A-Za-z0-9]/g, '').slice(0, 50)}`
  const { type, bytes } = returned(bounce, boundary)
  const recipient = address(bounce.recipient)
  const international = isAscii(recipient) ? 'message/delivery-status' : 'message/global-delivery-status'
  const lines = [
    `From: Mail Delivery System <mailer-daemon@${bounce.reportingMta}>`,
    `To: <${address(bounce.originalSender)}>`,
    `Subject: ${SUBJECTS[action]}`,
    `Date: ${formatDate(bounce.now)}`,
    `Message-ID: <${bounce.messageId}>`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    ...explanation(bounce, action, recipient),
    '',
    `--${boundary}`,
    `Content-Type: ${international}`,
    '',
    ...statusFields(bounce, action, recipient),
    '',
    `--${boundary}`,
    `Content-Type: ${type}`,
    'Content-Transfer-Encoding: 8bit',
    '',
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n`), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)])
}

/** What is said to a person. */
function explanation(bounce: Bounce, action: DsnAction, recipient: string): string[] {
  const said = bounce.remoteText ? ['The other server said:', '', `    ${oneLine(bounce.remoteText, 500)}`] : []
  const reason = `The reason given was ${status(bounce.enhanced, action)} (${replyCode(bounce.code)}).`
  const about = (sentence: string): string[] => [sentence, '', `    ${recipient}`, '']
  switch (action) {
    case 'failed':
      return [
        ...about('Your message could not be delivered to this address:'),
        reason,
        ...(bounce.suppressedSince
          ? [
              `It was not tried: mail to this address has failed for good before, on ${formatDate(bounce.suppressedSince)}.`,
              'Ask whoever runs your mail to take it off the list of such addresses if it exists again.',
            ]
          : []),
        ...said,
        ...(bounce.refusal ? ['The recipient refuses it with these words:', '', ...refusalLines(bounce.refusal)] : []),
        '',
        'It will not be tried again. Below are the details, and what you sent.',
      ]
    case 'delayed':
      return [
        ...about('Your message has not yet been delivered to this address:'),
        reason,
        ...said,
        '',
        `You need not send it again: it is tried until ${bounce.retryUntil ? formatDate(bounce.retryUntil) : 'it is delivered or has failed'}.`,
      ]
    case 'relayed':
      return about('Your message was handed to a mail server that sends no word of its own, for this address:')
    case 'delivered':
      return about('Your message was delivered to this address:')
  }
}

/** RFC 3464 2.2 and 2.3. Every value of a stranger is one line of printable ASCII, bounded (S-09). */
function statusFields(bounce: Bounce, action: DsnAction, recipient: string): string[] {
  const [, type = 'rfc822', original = bounce.orcpt ?? ''] =
    /^([A-Za-z0-9-]{1,40});(.*)$/s.exec(bounce.orcpt ?? '') ?? []
  return [
    ...(bounce.envid ? [`Original-Envelope-Id: ${oneLine(bounce.envid, 100)}`] : []),
    `Reporting-MTA: dns; ${bounce.reportingMta}`,
    ...(bounce.arrivedAt ? [`Arrival-Date: ${formatDate(bounce.arrivedAt)}`] : []),
    '',
    ...(original === '' ? [] : [`Original-Recipient: ${type}; ${oneLine(address(original), 400)}`]),
    `Final-Recipient: ${isAscii(recipient) ? 'rfc822' : 'utf-8'}; ${recipient}`,
    `Action: ${action}`,
    `Status: ${status(bounce.enhanced, action)}`,
    ...(bounce.remoteText ? [`Diagnostic-Code: smtp; ${oneLine(bounce.remoteText, 500)}`] : []),
    ...(action === 'delayed' && bounce.retryUntil ? [`Will-Retry-Until: ${formatDate(bounce.retryUntil)}`] : []),
  ]
}

/** The message itself where it is wanted and holds no line like the boundary, its header otherwise; named as RFC 6533 says where it is beyond ASCII. */
function returned(bounce: Bounce, boundary: string): { type: string; bytes: Buffer } {
  if (bounce.original && !bounce.original.includes(boundary)) {
    const global = !isAsciiBytes(bounce.originalHeaders)
    return { type: global ? 'message/global' : 'message/rfc822', bytes: bounce.original }
  }
  const header = originalHeaders(bounce.originalHeaders, boundary)
  return {
    type: isAsciiBytes(header) ? 'text/rfc822-headers' : 'message/global-headers',
    bytes: Buffer.from(header, 'latin1'),
  }
}

/** RFC 3461 section 4: everything but printable ASCII, and `+` and `=`, as `+` and two hexadecimal digits. UTF-8 where it is beyond ASCII. */
export const encodeXtext = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) =>
      byte > 32 && byte < 127 && byte !== 43 && byte !== 61
        ? String.fromCharCode(byte)
        : `+${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('')

const REFUSAL_LINES = 50
/** Indented, so that no line of it can pass for a boundary or for words of ours. */
const refusalLines = (text: string): string[] =>
  text
    .split(/\r\n|\r|\n/)
    .slice(0, REFUSAL_LINES)
    .map((line) => `    ${oneLine(line, 500)}`)

const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)
const address = (text: string): string => text.slice(0, 320).replace(/[\p{Cc}<>\u2028\u2029\s]/gu, '')
const isAsciiBytes = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false
  return true
}
const status = (text: string, action: DsnAction): string => {
  const [kind, ...rest] = /^[245]\.\d{1,3}\.\d{1,3}$/.test(text) ? text.split('.') : []
  // A 4yz that has lasted until the end is a failure all the same: class and action must agree (RFC 3464 2.3.4).
  return kind === undefined ? `${CLASSES[action]}.0.0` : [CLASSES[action], ...rest].join('.')
}
const replyCode = (code: number): number => (Number.isInteger(code) && code >= 200 && code < 600 ? code : 550)

/** Whole lines up to the limit, CRLF, without an empty one, which would end the header. */
function originalHeaders(text: string, boundary: string): string {
  let kept = ''
  for (const line of text.slice(0, ORIGINAL_BYTES).split(/\r\n|\r|\n/)) {
    if (line !== '' && !line.includes(boundary)) kept += `${line}\r\n`
  }
  return kept
}
