import { formatDate } from './date'
import { oneLine } from './sanitise'

/** What a bounce is made of. */
export interface Bounce {
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
  now: Date
  /** Without angle brackets */
  messageId: string
}

/** Header bytes of the original that go back; enough to recognise a message by. */
const ORIGINAL_BYTES = 16 * 1024

/**
 * A delivery status notification (RFC 3464, in multipart/report of RFC 6522) as bytes with CRLF. Its envelope sender must
 * be null. It returns the original's header only (text/rfc822-headers): bodies in bounces have carried mail to strangers.
 * Nothing in it names the host from which the original was submitted, because the queue holds none.
 */
export function buildBounce(bounce: Bounce): Buffer {
  // The boundary must not occur in the parts: it is made of our own random message id, which no stranger knows.
  const boundary = `=_${bounce.messageId.replace(/[^A-Za-z0-9]/g, '').slice(0, 50)}`
  const recipient = address(bounce.recipient)
  const lines = [
    `From: Mail Delivery System <mailer-daemon@${bounce.reportingMta}>`,
    `To: <${address(bounce.originalSender)}>`,
    'Subject: Undelivered mail returned to sender',
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
    'Your message could not be delivered to this address:',
    '',
    `    ${recipient}`,
    '',
    `The reason given was ${status(bounce.enhanced)} (${replyCode(bounce.code)}).`,
    ...(bounce.remoteText ? ['The other server said:', '', `    ${oneLine(bounce.remoteText, 500)}`] : []),
    ...(bounce.refusal ? ['The recipient refuses it with these words:', '', ...refusalLines(bounce.refusal)] : []),
    '',
    'It will not be tried again. Below are the details, and the header of your message.',
    '',
    `--${boundary}`,
    'Content-Type: message/delivery-status',
    '',
    `Reporting-MTA: dns; ${bounce.reportingMta}`,
    '',
    `Final-Recipient: ${isAscii(recipient) ? 'rfc822' : 'utf-8'}; ${recipient}`,
    'Action: failed',
    `Status: ${status(bounce.enhanced)}`,
    ...(bounce.remoteText ? [`Diagnostic-Code: smtp; ${oneLine(bounce.remoteText, 500)}`] : []),
    '',
    `--${boundary}`,
    'Content-Type: text/rfc822-headers',
    'Content-Transfer-Encoding: 8bit',
    '',
  ]
  return Buffer.concat([
    Buffer.from(`${lines.join('\r\n')}\r\n`),
    Buffer.from(originalHeaders(bounce.originalHeaders, boundary), 'latin1'),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ])
}

const REFUSAL_LINES = 50
/** Indented, so that no line of it can pass for a boundary or for words of ours. */
const refusalLines = (text: string): string[] =>
  text
    .split(/\r\n|\r|\n/)
    .slice(0, REFUSAL_LINES)
    .map((line) => `    ${oneLine(line, 500)}`)

const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)
const address = (text: string): string => text.slice(0, 320).replace(/[\p{Cc}<>\u2028\u2029\s]/gu, '')
const status = (text: string): string => (/^[245]\.\d{1,3}\.\d{1,3}$/.test(text) ? text : '5.0.0')
const replyCode = (code: number): number => (Number.isInteger(code) && code >= 200 && code < 600 ? code : 550)

/** Whole lines up to the limit, CRLF, without an empty one, which would end the header. */
function originalHeaders(text: string, boundary: string): string {
  let kept = ''
  for (const line of text.slice(0, ORIGINAL_BYTES).split(/\r\n|\r|\n/)) {
    if (line !== '' && !line.includes(boundary)) kept += `${line}\r\n`
  }
  return kept
}
