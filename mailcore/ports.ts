/**
 * The ports of the mail core: what the protocol adapters ask for, and what store, keys, directory and queue supply.
 * Adapters know only these; no SQL, no policy. Everything here may throw a Fault; an outage is a Fault with `temporary`.
 */
import type { AccountId, CredentialId, GroupId, RegionId, TenantId, TraceId } from '#lib/ids'
import type { Destination, Mailbox } from './ports/mailbox'
import type { MxHost } from './ports/outbound'

export * from './ports/checks'
export * from './ports/intake'
export * from './ports/mail-store'
export * from './ports/mailbox'
export * from './ports/outbound'
export * from './ports/sharing'
export * from './ports/trace'

// ---------------------------------------------------------------- who

/** What becomes of one envelope recipient. */
export type Resolution =
  | { kind: 'mailbox'; mailbox: Mailbox }
  /** A group: each of these as if it had been named (each mailbox once, those that take nothing left out). `posting`: who may write to it. */
  | { kind: 'group'; tenantId: TenantId; mailboxes: readonly Mailbox[]; posting: 'anyone' | 'tenant' | 'members' }
  /**
   * Ours, but no mailbox: a list, the address for reports about a domain, or one under which forwarded mail was sent (SRS). The door that takes it puts
   * it into the queue for this very address, in the tenant's name; the deliver role, which may open keys, does the rest.
   */
  | { kind: 'handover'; to: 'list' | 'reports' | 'srs'; tenantId: TenantId; region: RegionId; listId: GroupId | null }
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
  /**
   * Checks an access token of ours (RFC 7628 OAUTHBEARER, XOAUTH2). `username` is the address the client claims, '' for none: another
   * account's token is refused. Failures count like wrong passwords.
   */
  signInByToken(login: { username: string; token: string; protocol: Protocol; peer: string }): Promise<SignInResult>
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
  /** What a Sieve script may ask for (RFC 5228 5.4): kept, sealed, only where a script is active. */
  envelope?: { sender: string; recipientsOf(account: AccountId): string[] }
  /** Where a copy goes other than INBOX, by account. A script or rule of the owner runs only over what goes to INBOX; quarantine is seen by no mail program. */
  into?: ReadonlyMap<AccountId, Destination>
  /**
   * 16 bytes that are the same when the same message is sent again within a day (keyed hash of sender, Message-ID and content). A mailbox that has taken
   * it already takes it no second time, and deliver() resolves all the same.
   */
  onceKey?: Buffer
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
  /** 'account' when left out. For a list `accountId` is the list's id. */
  origin?: 'account' | 'list' | 'automatic'
  traceId?: TraceId
  wishes?: Wishes
  /** Names it: queueing it again while it waits changes nothing. A new one when left out. */
  id?: QueueId
  /** As in Incoming: what its account has queued under the same key within a day is not queued again, though it has left since. */
  onceKey?: Buffer
}

/** What the sender asked of delivery. */
export interface Wishes {
  /** RFC 3461 4.3: the header alone or all of it in a report; the header when left out. */
  ret?: 'full' | 'hdrs'
  /** RFC 3461 4.4, decoded from xtext. */
  envid?: string
  /** By recipient, in the order of `recipients`; RFC 3461 4.1: which reports; 4.2: the original recipient, decoded. */
  recipients?: readonly { notify?: readonly ('never' | 'success' | 'failure' | 'delay')[]; orcpt?: string }[]
  /** RFC 8689: only over verified TLS, to servers that promise the same. */
  requireTls?: boolean
  /** RFC 4865: nothing is sent before. */
  notBefore?: Date
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
  origin: 'account' | 'list' | 'automatic'
  traceId: TraceId | null
  wishes: Wishes
  /** Set once the recipient has failed for good: all that is left to do is to tell the sender, then settle as `told`. */
  failure: Failure | null
  /** Names the recipient's domain (keyed hash, hex): what is busy or paused goes by it. */
  destination?: string
  /** The sender has heard that it is late. */
  delayTold?: boolean
  /** Given up at this moment; when left out or null: five days after it was queued. */
  expiresAt?: Date | null
  /** Hosts to try in place of the DNS. */
  route?: readonly MxHost[]
  /** Mail to this address failed for good not long ago: it is not tried. */
  suppressed?: { cause: 'unknown' | 'refused' | 'complaint' | 'person'; since: Date }
}

/** Why a recipient failed for good. Kept, sealed, until the sender has been told. */
export interface Failure {
  code: number
  enhanced: string
  /** What the remote server said, if one did; it may say anything */
  remoteText?: string
  /** It was not tried: mail to the address has failed for good since this moment (ISO 8601). */
  suppressedSince?: string
  at: Date
}

export type AttemptOutcome =
  | { kind: 'delivered' }
  /** Tried again at `retryAt`; a failure noted before stays noted. */
  | { kind: 'deferred'; code: number; enhanced: string; retryAt: Date; delayTold?: boolean }
  /** Nothing more is tried. With a sender the recipient stays, and stays leased, until it is settled as `told`; without one it goes. */
  | { kind: 'failed'; failure: Failure; suppress?: 'unknown' | 'refused' }
  /** The sender has its bounce, or can have none: the recipient goes. */
  | { kind: 'told' }

/** How one attempt at one recipient ended, without the time of the next, which the schedule decides. */
export type AttemptResult =
  | { kind: 'delivered' }
  | { kind: 'deferred' | 'failed'; code: number; enhanced: string; remoteText?: string }

/** What the deliver role does with a queued recipient that is ours but no mailbox: expands a list, reads a report, sends a bounce back by its SRS address. */
export interface Handover {
  handle(leased: Leased, to: Extract<Resolution, { kind: 'handover' }>): Promise<AttemptResult>
}

export interface Queue {
  /** Resolves once the message is sealed and committed for every recipient. */
  enqueue(message: Outgoing): Promise<QueueId>
  /** Up to `most` recipients that are due, leased for `leaseMs`; none of the destinations in `busy`. Those of one message share the very same `raw`. */
  claim(most: number, leaseMs: number, busy?: readonly string[]): Promise<Leased[]>
  /** Holds a lease for another `leaseMs` from now; false when it has passed to another worker, whose the recipient is then. */
  renew(leased: Leased, leaseMs: number): Promise<boolean>
  /** Records an outcome; false when the lease has passed to another worker (then nothing was changed). */
  settle(leased: Leased, outcome: AttemptOutcome): Promise<boolean>
  /** Recipients waiting, over all regions. */
  depth(): Promise<number>
  /** Calls back when something may be due. */
  onWork(listener: () => void): Promise<() => Promise<void>>
}

// ---------------------------------------------------------------- outside

export interface Resolver {
  /** Mail hosts of a domain in order of preference; the domain itself where it has an address but no MX (RFC 5321 5.1); [] for a null MX (RFC 7505). Throws UNAVAILABLE on a temporary failure, NOT_FOUND when the domain does not exist. */
  mx(domain: string): Promise<MxHost[]>
  addresses(host: string): Promise<string[]>
  txt(name: string): Promise<string[]>
}
