/** Ceilings of the IMAP door, beside those of lib/limits. Units stand last in the names. */
export const IMAP_LIMITS = {
  /** Longest command line before login: LOGIN with its longest name and password fits many times over (M-04). */
  lineBeforeLoginBytes: 8 * 1024,
  /** After login: a set of some ten thousand scattered UIDs. imap-core parses about 1 MB a second, so this bounds its CPU. */
  lineBytes: 256 * 1024,
  /** Literals in one command, and their sum before login (CVE-2024-34055: thousands of literals in one SEARCH). */
  literals: 64,
  literalBeforeLoginBytes: 1_024,
  /** Time to sign in, so that silent strangers do not hold sockets. */
  loginTimeMs: 60_000,
  handshakeTimeMs: 15_000,
  /** RFC 3501 5.4: not under 30 minutes. */
  idleSocketMs: 31 * 60_000,
  /** Bytes of answers gathered before they are written and the socket's back-pressure is heeded. */
  chunkBytes: 64 * 1024,
  /** What a session may still need to take our BYE when the role stops. */
  stopTimeMs: 1_000,
} as const
