import { toFault } from '#lib/errors'

/** A command: its keyword in upper case and the rest of the line as it came, one character per byte. */
export interface Command {
  keyword: string
  argument: string
}

/** Octets of a command line with its CRLF (RFC 2449 section 4). */
const LINE_BYTES = 255
/** Names and passwords may be longer than that: an address has 320 octets, a password up to 1,024. */
const CREDENTIAL_LINE_BYTES = 1_100

/** Reads a line without its CRLF; null when it is longer than its keyword allows or begins with no keyword. */
export function readCommand(line: Buffer): Command | null {
  const text = line.toString('latin1')
  const found = /^([A-Za-z0-9]{1,8})(?: (.*))?$/s.exec(text)
  const keyword = found?.[1]?.toUpperCase()
  if (keyword === undefined || text.length + 2 > lineBytesOf(keyword)) return null
  return { keyword, argument: found?.[2] ?? '' }
}

/** AUTH is bounded by what the line reader takes at most. */
const lineBytesOf = (keyword: string): number => {
  if (keyword === 'AUTH') return Number.POSITIVE_INFINITY
  return keyword === 'PASS' || keyword === 'USER' ? CREDENTIAL_LINE_BYTES : LINE_BYTES
}

/** Response codes: RFC 2449 section 8, RFC 3206. */
export type ResponseCode = 'AUTH' | 'IN-USE' | 'SYS/TEMP' | 'SYS/PERM'

/** What a client hears of something that failed on our side. */
export function refusalOf(error: unknown): { code: ResponseCode; text: string } {
  const fault = toFault(error)
  switch (fault.code) {
    case 'FORBIDDEN':
      return { code: 'SYS/PERM', text: 'This mailbox may not be changed at the moment' }
    case 'BAD_REQUEST':
    case 'UNAUTHENTICATED':
    case 'NOT_FOUND':
    case 'CONFLICT':
    case 'LIMIT':
    case 'OVER_QUOTA':
    case 'TOO_LARGE':
    case 'UNAVAILABLE':
    case 'INTERNAL':
      return { code: 'SYS/TEMP', text: 'The service is not available at the moment, nothing was lost' }
    default:
      return fault.code satisfies never
  }
}
