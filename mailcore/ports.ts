/**
 * The ports of the mail core: what the protocol adapters ask for, and what store, keys, directory and queue supply.
 * Adapters know only these; no SQL, no policy. Everything here may throw a Fault; an outage is a Fault with `temporary`.
 */
import type { AccountId, CredentialId, EmailId, FolderId, RegionId, TenantId } from '#lib/ids'

// ---------------------------------------------------------------- who

/** Where mail for one address goes. The public key is all that delivery needs to seal it. */
export interface Mailbox {
  tenantId: TenantId
  accountId: AccountId
  region: RegionId
  /** X25519, 32 bytes */
  publicKey: Buffer
  keyVersion: number
}

/** What becomes of one envelope recipient. */
export type Resolution =
  | { kind: 'mailbox'; mailbox: Mailbox }
  /** The domain is ours, the address is not: 550 5.1.1 */
  | { kind: 'unknown' }
  /** Suspended from receiving, or its tenant is: 450 4.2.1, the sender tries again. */
  | { kind: 'suspended' }
  /** Over its storage: 452 4.2.2 */
  | { kind: 'full' }
  /** The domain is not hosted here. */
  | { kind: 'remote' }

/** The protocols an account or app password may be used for. */
export type Protocol = 'imap' | 'pop3' | 'submission' | 'web'

/** An account whose owner has just proven who they are, at one door. */
export interface SignedIn {
  tenantId: TenantId
  accountId: AccountId
  region: RegionId
  /** The account's own address, as shown to its owner. */
  address: string
  /** The password or app password that was used. */
  credentialId: CredentialId
  /** May this account send at the moment? */
  maySend: boolean
  /** The account's sign-in epoch when the password was checked: a session begun on this proof is good for this epoch only. */
  epoch: number
}

export type SignInResult =
  | { ok: true; account: SignedIn }
  /** Wrong name or password: one answer for both, in like time. */
  | { ok: false; reason: 'credentials' }
  /** Right password, but suspended, closing, or frozen. */
  | { ok: false; reason: 'suspended' }
  /** Too many failures of late; try again after so many seconds. */
  | { ok: false; reason: 'slow-down'; retryAfterS: number }

export interface Directory {
  /** Resolves recipients, normalised (see proto/address), in the order given. */
  resolve(addresses: readonly string[]): Promise<Resolution[]>
  /** Checks a password for one door. `peer` is used for counting only and never stored. */
  signIn(login: { username: string; password: string; protocol: Protocol; peer: string }): Promise<SignInResult>
  /** May this account put `address` in MAIL FROM and From? Its own addresses only (S-07). */
  mayUse(account: Pick<SignedIn, 'tenantId' | 'accountId'>, address: string): Promise<boolean>
  /** Calls back when an account's sessions must end: suspended, password changed, terminated. */
  onSignOut(listener: (accountId: AccountId, reason: 'suspended' | 'password' | 'terminated') => void): () => void
}

// ---------------------------------------------------------------- delivery

/** A message as it goes into one or more mailboxes. */
export interface Incoming {
  /** The whole message, CRLF, with our trace headers in front. Exactly these bytes are what BODY[] returns. */
  raw: Buffer
  receivedAt: Date
  mailboxes: readonly Mailbox[]
}

export interface Delivery {
  /** Resolves once the message is encrypted and committed in every mailbox, once each. Grouped with what others deliver meanwhile. */
  deliver(message: Incoming): Promise<void>
}

/** A message on its way to remote hosts. */
export interface Outgoing {
  tenantId: TenantId
  accountId: AccountId
  region: RegionId
  /** MAIL FROM; '' for a bounce. */
  sender: string
  recipients: readonly string[]
  raw: Buffer
  /** 8BITMIME / SMTPUTF8 needed by the content or the envelope. */
  smtpUtf8: boolean
}

export type QueueId = import('#lib/ids').QueueId

/** One remote recipient, leased to one worker until `leaseUntil`. The token fences off a worker that slept past its lease. */
export interface Leased {
  id: QueueId
  /** Which of the message's recipients this is. */
  position: number
  region: RegionId
  tenantId: TenantId
  accountId: AccountId
  sender: string
  recipient: string
  raw: Buffer
  smtpUtf8: boolean
  queuedAt: Date
  attempts: number
  token: bigint
  /** Set once the recipient has failed for good: all that is left to do is to tell the sender, then settle as `told`. */
  failure: Failure | null
}

/** Why a recipient failed for good. Kept, sealed, until the sender has been told. */
export interface Failure {
  code: number
  enhanced: string
  /** What the remote server said, if one did; it may say anything */
  remoteText?: string
  at: Date
}

export type AttemptOutcome =
  | { kind: 'delivered' }
  /** Tried again at `retryAt`; a failure noted before stays noted. */
  | { kind: 'deferred'; code: number; enhanced: string; retryAt: Date }
  /** Nothing more is tried. With a sender the recipient stays, and stays leased, until it is settled as `told`; without one it goes. */
  | { kind: 'failed'; failure: Failure }
  /** The sender has its bounce, or can have none: the recipient goes. */
  | { kind: 'told' }

export interface Queue {
  /** Resolves once the message is sealed and committed for every recipient. */
  enqueue(message: Outgoing): Promise<QueueId>
  /** Up to `most` recipients that are due, leased for `leaseMs`. */
  claim(most: number, leaseMs: number): Promise<Leased[]>
  /** Holds a lease for another `leaseMs` from now; false when it has passed to another worker, whose the recipient is then. */
  renew(leased: Leased, leaseMs: number): Promise<boolean>
  /** Records an outcome; false when the lease has passed to another worker (then nothing was changed). */
  settle(leased: Leased, outcome: AttemptOutcome): Promise<boolean>
  /** Recipients waiting, over all regions. */
  depth(): Promise<number>
  /** Calls back when something may be due. */
  onWork(listener: () => void): Promise<() => Promise<void>>
}

// ---------------------------------------------------------------- the mail store, one account at a time

/** System flags as bits 0 to 4; bits 8 to 31 are the folder's keywords. */
export const FLAG = { seen: 1, answered: 2, flagged: 4, deleted: 8, draft: 16 } as const

export type SpecialUse = 'inbox' | 'drafts' | 'sent' | 'junk' | 'trash' | 'archive'

export interface Folder {
  id: FolderId
  /** Path in Unicode with "/" between levels; "INBOX" for the inbox. */
  path: string
  specialUse: SpecialUse | null
  subscribed: boolean
  uidValidity: number
  uidNext: number
  highestModseq: bigint
  messages: number
  unseen: number
  /** bytes */
  size: number
}

/** The narrow, mutable part of a message. */
export interface MessageState {
  uid: number
  emailId: EmailId
  /** IMAP flag names: "\\Seen", and keywords as they were given. */
  flags: string[]
  modseq: bigint
  /** bytes, as sent */
  size: number
  receivedAt: Date
}

/** The immutable part, rendered once at delivery as IMAP strings (see proto/mime/describe). */
export interface MessageMeta {
  /** RFC 9051 7.5.2 ENVELOPE, with its parentheses */
  envelope: string
  /** RFC 9051 7.5.2 BODYSTRUCTURE with extension data */
  bodystructure: string
  /** The top-level header fields people and programs look at, as they stand in the message. */
  header: string
  /** First words of the text, at most 200 characters (RFC 8970). */
  preview: string
}

export interface FetchWant {
  meta?: boolean
  body?: boolean
}
export type FetchedMessage = MessageState & { meta?: MessageMeta; raw?: Buffer }

export interface FlagChange {
  action: 'set' | 'add' | 'remove'
  flags: readonly string[]
  /** RFC 7162 UNCHANGEDSINCE */
  unchangedSince?: bigint
}

export interface ChangeEntry {
  modseq: bigint
  kind: 'added' | 'flags' | 'expunged'
  uids: number[]
}

export interface Placed {
  uidValidity: number
  sourceUids: number[]
  uids: number[]
}

export interface SearchHit {
  folderId: FolderId
  uid: number
}

/** A deleted message that can still be brought back. */
export interface Recoverable {
  emailId: EmailId
  deletedAt: Date
  purgeAt: Date
  size: number
  meta: MessageMeta
}

/**
 * One account's mail with its keys open, as a session holds it. All methods are atomic; each returns after commit.
 * Unknown folders throw NOT_FOUND; a full mailbox OVER_QUOTA; a frozen one FORBIDDEN.
 */
export interface MailStore {
  readonly account: Pick<SignedIn, 'tenantId' | 'accountId' | 'region'>
  folders(): Promise<Folder[]>
  folder(path: string): Promise<Folder>
  createFolder(path: string): Promise<Folder>
  renameFolder(from: string, to: string): Promise<void>
  /** Deletes a folder; its messages stay recoverable like any deleted mail. INBOX and folders with children are refused. */
  deleteFolder(path: string): Promise<void>
  subscribe(path: string, subscribed: boolean): Promise<void>
  /** Ascending uids with state, in one consistent view. */
  list(
    folder: FolderId,
    options?: { sinceModseq?: bigint; newestFirst?: boolean; limit?: number; beforeUid?: number },
  ): Promise<{ folder: Folder; messages: MessageState[] }>
  /** Streams messages in the order of `uids`; those gone meanwhile are left out. */
  fetch(folder: FolderId, uids: readonly number[], want: FetchWant): AsyncIterable<FetchedMessage>
  append(
    path: string,
    message: { raw: Buffer; flags: readonly string[]; receivedAt: Date },
  ): Promise<{ uidValidity: number; uid: number; folderId: FolderId }>
  /** Returns the messages changed, and the uids refused by UNCHANGEDSINCE. */
  setFlags(
    folder: FolderId,
    uids: readonly number[],
    change: FlagChange,
  ): Promise<{ changed: MessageState[]; modified: number[] }>
  /** Removes messages that are \Deleted (all, or those of `uids`); returns the uids that went. An empty list removes nothing (I-E1). */
  expunge(folder: FolderId, uids?: readonly number[]): Promise<number[]>
  /** Removes messages whatever their flags; they stay recoverable for the account's days. */
  remove(folder: FolderId, uids: readonly number[]): Promise<number[]>
  copy(folder: FolderId, uids: readonly number[], toPath: string): Promise<Placed>
  move(folder: FolderId, uids: readonly number[], toPath: string): Promise<Placed>
  changes(folder: FolderId, sinceModseq: bigint): Promise<ChangeEntry[]>
  quota(): Promise<{ usedBytes: number; limitBytes: number; messages: number }>
  recoverable(options: { limit: number; before?: Date }): Promise<Recoverable[]>
  /** Brings deleted messages back to `toPath`. */
  recover(emailIds: readonly EmailId[], toPath: string): Promise<Placed>
  /** Calls back after another session or a delivery changed a folder of this account. */
  onChange(listener: (folder: FolderId) => void): Promise<() => void>
  /** Forgets the keys held in memory. */
  close(): void
}

export interface MailStores {
  /** Opens the keys of a signed-in account. */
  open(account: Pick<SignedIn, 'tenantId' | 'accountId' | 'region'>): Promise<MailStore>
}

// ---------------------------------------------------------------- outside

export interface MxHost {
  host: string
  priority: number
  /** Set only by a fixed route of the settings (demo, tests): connect there, without looking up the host. */
  port?: number
}

export interface Resolver {
  /** Mail hosts of a domain in order of preference; the domain itself where it has an address but no MX (RFC 5321 5.1); [] for a null MX (RFC 7505). Throws UNAVAILABLE on a temporary failure, NOT_FOUND when the domain does not exist. */
  mx(domain: string): Promise<MxHost[]>
  addresses(host: string): Promise<string[]>
  txt(name: string): Promise<string[]>
}
