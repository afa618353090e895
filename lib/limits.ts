/** Ceilings for everything that comes from outside, each with its reason. Units stand last in the names. */
export const LIMITS = {
  /** Largest message at any door. 50 MiB is what the big providers accept after base64; memory per session is bounded by it. */
  messageBytes: 50 * 1024 * 1024,
  /** RFC 5321 4.5.3.1.8 asks for at least 100. */
  recipientsPerMessage: 500,
  /** Sessions one address may hold at a door: lets an honest relay or office in. */
  sessionsPerAddress: 500,
  /** Messages one address may send a minute. */
  messagesPerAddressPerMinute: 10_000,
  /**
   * Failed passwords for one account from one network (an IPv4 address, an IPv6 /64) in the window below, before the door asks that network for
   * patience. Whoever hammers an account so shuts out himself and not its owner, who comes from another network. 20 bear a mail program that
   * tries an old password on every connection; they are 2,000 guesses a day.
   */
  failedLoginsPerAccountFromNetwork: 20,
  /**
   * Failed passwords for one account from all networks together. It takes 15 networks to reach it, and holds even a thousand of them to 29,000
   * guesses a day, hopeless against passwords of 12 characters from no breach list. App passwords still enter: they cannot be guessed.
   */
  failedLoginsPerAccount: 300,
  /** Failed passwords from one network for all accounts: bounds trying one password on many names, and lets an office with one address live. */
  failedLoginsPerNetwork: 100,
  failedLoginWindowMs: 15 * 60_000,
  /** An address, RFC 5321 4.5.3.1: 64 + 1 + 255. */
  addressBytes: 320,
  /** Longest password that is hashed; beyond it only costs us memory. */
  passwordBytes: 1_024,
  passwordLeastCharacters: 12,
  /** Folder path in UTF-8. */
  folderPathBytes: 500,
  foldersPerAccount: 10_000,
  /** Keywords per folder: bits 8 to 31 of the flag word. */
  keywordsPerFolder: 24,
  keywordBytes: 100,
  /** Message metadata a process holds open, over all mailboxes: about 70,000 messages. It goes with the last session of its mailbox. */
  metadataCacheBytes: 64 * 1024 * 1024,
  /** MIME parts rendered into BODYSTRUCTURE, and their depth (reliability P-01 to P-03); beyond them a part is opaque. */
  mimeParts: 1_000,
  mimeDepth: 50,
  headerBytes: 1024 * 1024,
  /** Hops before a message is a loop (RFC 5321 6.3). */
  receivedHops: 50,
  /** Days a deleted message may stay recoverable (promise P13). */
  recoverDays: { least: 0, most: 30, initially: 14 },
  /** Seats of a reseller or tenant made without caps. */
  seatsInitially: 1_000,
  /** Reason given for an act on an account; its owner reads it. */
  reasonBytes: 500,
  nameBytes: 200,
  tenantNameBytes: 200,
  /** Annotations (RFC 5464) of one folder, or of the account itself. */
  annotationsPerFolder: 100,
  /** A folder's comment is a line; clients keep settings here. Values are read whole. */
  annotationValueBytes: 64 * 1024,
  annotationEntryBytes: 500,
  /** All annotations of an account together: they count towards no quota. */
  annotationBytesPerAccount: 16 * 1024 * 1024,
  /** People one folder is shared with; one grant for anyone does for more. */
  grantsPerFolder: 1_000,
  /** Sieve scripts of one account, and the bytes of one: hand-written ones have a few KB, generated ones some hundred. */
  scriptsPerAccount: 100,
  scriptBytes: 1024 * 1024,
  /** RFC 5804 1.6: at least 128 characters must be possible. */
  scriptNameBytes: 512,
  /** Keys that the scripts of one account remember: they count towards no quota, and strangers make them by sending. Beyond it those nearest their end go. */
  memoriesPerAccount: 10_000,
  /** Times the filter worker tries one message before it goes into INBOX unfiltered. */
  filterAttempts: 3,
  appPasswordsPerAccount: 50,
  /** Sender rules of one account, tenant, reseller, or the operator: a list that people keep by hand. */
  senderRulesPerLevel: 1_000,
  accessTokensPerAccount: 50,
  /** Life of an access token: long enough to be worth pasting, short enough that a forgotten one closes by itself. */
  accessTokenHours: { least: 1, most: 90 * 24, initially: 30 * 24 },
  /**
   * Passwords that may wait in one process to be checked. Four are hashed side by side, 60 or more a second on two slow cores, so that the last
   * in line waits some four seconds; who comes after is asked to come back, rather than kept in a line that only grows.
   */
  passwordsWaiting: 256,
  sessionIdleMs: 7 * 24 * 3_600_000,
  sessionLongestMs: 30 * 24 * 3_600_000,
  /** Days for which a sender who came again stays let in (greylisting): one who writes monthly waits once. */
  greylistDays: 36,
  /** Days after which mail that its owner left in quarantine is deleted, as the owner would: recoverable for the days of the account. */
  quarantineDays: 30,
  /** Days for which reports of other servers about a domain are kept: long enough to see a change of policy through. */
  reportDays: 90,
  /**
   * Recipients outside that mail may go to, where no other cap is set. A stolen password sends thousands a minute; a person writes to 200 an hour at the
   * very most. The tenant's lets 25 such people work at once, the reseller's ten such tenants.
   */
  sending: {
    account: { perHour: 200, perDay: 2_000 },
    tenant: { perHour: 5_000, perDay: 50_000 },
    reseller: { perHour: 50_000, perDay: 500_000 },
    /** Failures for good of a day, such as unknown addresses and refusals for spam, and their part of what was sent, from which an account sends no more. */
    bouncesLeast: 20,
    bouncesPercent: 25,
  },
  /** Lines of the trace that one process holds unwritten: a minute of a storm; the oldest go first, and mail waits for none of them. */
  traceLinesHeld: 100_000,
  /** Days for which the trace can be read: the private key of a day's logs is destroyed on the thirtieth (promise P14). */
  logDays: 30,
  /** Days for which the receipt of a sent message is kept: as long as people ask what they once sent. */
  receiptDays: 365,
  /** Aliases of one account: a person answers for a few dozen names. */
  aliasesPerAccount: 100,
  /** Masked addresses of one account: one for each shop and newsletter. */
  maskedPerAccount: 200,
  groupsPerTenant: 500,
  /** Members of one group or list: a message to it is one row a member, in one transaction. */
  membersPerGroup: 2_000,
  /** Addresses that one account's mail is forwarded to; more is a list. */
  forwardsPerAccount: 5,
  /** Days for which a terminated address is not given again. */
  addressQuarantineDays: 180,
  /** Grace between the request to terminate and the destruction of the keys. */
  terminationGraceDays: 14,
} as const
