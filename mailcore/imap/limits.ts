/** Ceilings of the IMAP door, beside those of lib/limits. Units stand last in the names. */
export const IMAP_LIMITS = {
  /** Longest line before login: AUTHENTICATE with a token fits (RFC 7628), and no more (M-04). */
  lineBeforeLoginBytes: 16 * 1024,
  /** After login: a set of some thirty thousand scattered UIDs. RFC 7162 section 4 asks for 8,192 at least. */
  lineBytes: 256 * 1024,
  /** Literals in one command that is no APPEND, and their sum (CVE-2024-34055: thousands of literals in one SEARCH). */
  literals: 64,
  literalsBeforeLoginBytes: 1_024,
  literalsBytes: 128 * 1024,
  /** Messages in one MULTIAPPEND, and parts in one CATENATE. */
  appendParts: 200,
  /** What all sessions of a process may hold in messages on their way in; beyond it APPEND is asked to come again. */
  appendBudgetBytes: 512 * 1024 * 1024,
  /** What the sessions of one account may hold of it: two messages of the largest size, and some more. */
  appendAccountBytes: 128 * 1024 * 1024,
  /** Refused literals that are read and forgotten, so that the client hears why; a longer one ends the session. */
  skippedLiteralBytes: 64 * 1024 * 1024,
  /** Time to sign in, so that silent strangers do not hold sockets. */
  loginMs: 60_000,
  /** RFC 9051 5.4: not under 30 minutes. */
  silenceMs: 31 * 60_000,
  /** Commands nobody knows or can read, one after another, before the client is taken for something else. */
  badCommands: 20,
  /** Wrong passwords on one connection. */
  failedSignIns: 3,
  /** Parentheses within one another in a command. */
  nesting: 100,
  /** Keys of one SEARCH, all levels together (M-05). */
  searchKeys: 2_000,
  /** Messages one command acts on (RFC 9738 MESSAGELIMIT). */
  messagesPerCommand: 200_000,
  /** Contexts one session keeps up to date (RFC 5267), and mailboxes it watches (RFC 5465). */
  contexts: 10,
  notifyMailboxes: 1_000,
  /** Bytes of one annotation (RFC 5464). */
  annotationBytes: 64 * 1024,
  /** How long a command may work before the client is told that it still goes on (RFC 9585). */
  progressMs: 5_000,
} as const
