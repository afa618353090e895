/** Ceilings of the Sieve engine: scripts come from owners, messages from strangers. Units stand last in the names. */
export const SIEVE_LIMITS = {
  /** What ManageSieve accepts and what is compiled; a generated list of a few thousand senders is 200 KB. */
  scriptBytes: 1024 * 1024,
  /** Blocks inside blocks and tests inside tests; RFC 5228 2.10.5 asks for at least 15. Bounds the recursion of parser and interpreter. */
  nesting: 32,
  /** One string of the script, and one string once its variables stand in it. */
  stringBytes: 64 * 1024,
  /** Commands and tests in one script: bounds the time of compiling, which nothing interrupts. */
  nodes: 20_000,
  /** Strings of one list. */
  listStrings: 50_000,
  /** Errors told at once; the rest is usually their echo. */
  errors: 20,
  /** RFC 5229 6.1 asks for 128 variables of 4,000 characters. */
  variables: 128,
  variableBytes: 4096,
  /** `${32}` and above are always empty (RFC 5229 3.2 asks for 9). */
  matchVariables: 32,
  /** Commands and tests that one run may carry out. */
  steps: 100_000,
  /** Characters that one run may look at, all matches together: some seconds of work, in slices (see `sliceWork`). */
  work: 400_000_000,
  /** Work after which the loop is given back: about 10 ms. */
  sliceWork: 2_000_000,
  /** States that one run may step through in regular expressions. */
  regexSteps: 20_000_000,
  /** Instructions of one regular expression, intervals unrolled. */
  regexInstructions: 4_000,
  /** Nested groups of one regular expression. */
  regexNesting: 50,
  /** RFC 6609 2.2 leaves both to us. */
  includeDepth: 10,
  includeScripts: 50,
  /** All included scripts together. */
  includeBytes: 4 * 1024 * 1024,
  /** Addresses one message may be sent on to; more is a mailing list, or a bomb (RFC 5228 10). */
  redirects: 4,
  /** Different folders one message may go to. */
  fileintos: 32,
  /** Octets of a folder's path, as everywhere in the house. */
  mailboxBytes: 500,
  flags: 64,
  flagBytes: 100,
  /** RFC 5230 4.1: no answer more often than daily; with vacation-seconds (RFC 6131) hourly. */
  vacationSeconds: { least: 3_600, leastByDays: 86_400, initially: 7 * 86_400, most: 60 * 86_400 },
  /** A handle is kept with the remembered answer. */
  handleBytes: 1_024,
  /** RFC 7352 3.1. */
  duplicateSeconds: { initially: 7 * 86_400, most: 30 * 86_400 },
  /** Bytes of a message whose MIME structure is read by `body`. */
  bodyScannedBytes: 8 * 1024 * 1024,
  /** Characters of text that one `body` test looks at; mail of more words is a log file. */
  bodyCharacters: 2 * 1024 * 1024,
  /** Parts of a message that one `body` test looks at. */
  bodyParts: 1_000,
} as const
