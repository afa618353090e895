import type { Reply } from './reply'

/** What a server offers in its answer to EHLO (RFC 5321 4.1.1.1). */
export interface Capabilities {
  startTls: boolean
  pipelining: boolean
  eightBit: boolean
  smtpUtf8: boolean
  dsn: boolean
  requireTls: boolean
  /** RFC 1870: bytes of the largest message; 0 where it says none, null where it does not offer SIZE */
  size: number | null
}

export const NO_CAPABILITIES: Capabilities = {
  startTls: false,
  pipelining: false,
  eightBit: false,
  smtpUtf8: false,
  dsn: false,
  requireTls: false,
  size: null,
}

export function readCapabilities(reply: Reply): Capabilities {
  const offered = new Map(
    reply.lines.slice(1).map((line) => {
      const [word = '', ...rest] = line.trim().split(/\s+/)
      return [word.toUpperCase(), rest] as const
    }),
  )
  const size = offered.get('SIZE')
  return {
    startTls: offered.has('STARTTLS'),
    pipelining: offered.has('PIPELINING'),
    eightBit: offered.has('8BITMIME'),
    smtpUtf8: offered.has('SMTPUTF8'),
    dsn: offered.has('DSN'),
    requireTls: offered.has('REQUIRETLS'),
    size: size ? (/^\d{1,15}$/.test(size[0] ?? '') ? Number(size[0]) : 0) : null,
  }
}
