import { formatDate } from './date'
import { hostToken } from './sanitise'

/** What a Received field says of a message that a stranger's server brought (RFC 5321 4.4). */
export interface ReceivedAtMx {
  /** The peer's IP address; another MTA's, never a customer's (P9) */
  peer: string
  /** The name it gave in HELO or EHLO */
  helo: string
  /** Our host name */
  by: string
  /** EHLO rather than HELO */
  extended: boolean
  tls: boolean
  smtpUtf8?: boolean
  id: string
  now: Date
}

/** `Received:` for the MX door with its CRLF. Recipients are not named: one copy goes to all of them. */
export function receivedAtMx(trace: ReceivedAtMx): string {
  const literal = trace.peer.includes(':') ? `[IPv6:${trace.peer}]` : `[${trace.peer}]`
  const protocol = trace.smtpUtf8
    ? `UTF8SMTP${trace.tls ? 'S' : ''}`
    : trace.extended
      ? `ESMTP${trace.tls ? 'S' : ''}`
      : 'SMTP'
  return (
    `Received: from ${hostToken(trace.helo)} (${hostToken(literal)})\r\n` +
    `\tby ${trace.by} with ${protocol} id ${trace.id};\r\n\t${formatDate(trace.now)}\r\n`
  )
}

/**
 * `Received:` for submission with its CRLF: who handed the message in is left out altogether (promise P9). RFC 5321 4.4
 * requires "from" of SMTP servers; a comment in its place would only say that something is hidden.
 */
export const receivedAtSubmission = (trace: { by: string; id: string; now: Date }): string =>
  `Received: by ${trace.by} with ESMTPSA id ${trace.id};\r\n\t${formatDate(trace.now)}\r\n`

/** `Received:` for LMTP with its CRLF (RFC 3848): which filter of ours handed it over is nobody's matter. */
export const receivedAtLmtp = (trace: { by: string; id: string; now: Date }): string =>
  `Received: by ${trace.by} with LMTP id ${trace.id};\r\n\t${formatDate(trace.now)}\r\n`

/** `Return-Path:` with its CRLF (RFC 5321 4.4); '' is the null sender. */
export const returnPath = (sender: string): string => `Return-Path: <${oneLineAddress(sender)}>\r\n`

// The envelope of SMTPUTF8 mail may hold UTF-8, so only what could end the line or the brackets goes.
const oneLineAddress = (address: string): string => address.slice(0, 400).replace(/[\p{Cc}<>\u2028\u2029]/gu, '')
