import type { AccountId, RegionId, TenantId, TraceId } from '#lib/ids'
import type { Destination, Mailbox } from './mailbox'

/** Who brings a message: known from the connection, before a byte of it. */
export interface Peer {
  /** IP address, IPv4 not mapped into IPv6 */
  address: string
  /** The name it gave in HELO or EHLO */
  helo: string
  tls: boolean
}

/** One recipient of a message that is coming in. */
export interface CheckedRecipient {
  /** Normalised, as it was named */
  address: string
  tenantId: TenantId
  /** The mailboxes it leads to: one, those of a group, or none where the message is handed over to the queue. */
  mailboxes: readonly Mailbox[]
}

/** May the message come in for this recipient? Asked at RCPT TO. */
export type RecipientVerdict =
  | { kind: 'accept' }
  /** Blocked by a rule of operator, reseller, tenant or owner: 550 5.7.1 */
  | { kind: 'blocked' }
  /** Asked to come again: 451 4.7.1 */
  | { kind: 'greylisted' }

/** What one check found, for Authentication-Results, for the trace and for who asks why. No content of the message. */
export interface Finding {
  /** spf, dkim, dmarc, arc, rspamd, clamd, rule, greylist */
  check: string
  /** pass, fail, softfail, neutral, none, temperror, permerror, clean, spam, found, down */
  result: string
  /** A domain, a selector, a rule's or signature's name; never an address, never text of the message */
  about?: string
  /** rspamd's points */
  score?: number
  ms?: number
}

/** What a message that has come in whole is to become. */
export interface Verdict {
  action: 'accept' | 'refuse' | 'defer'
  /** For a refusal or deferral: the reply's code, RFC 3463 status and text, all ours. */
  reply?: { code: number; enhanced: string; text: string }
  /** Bytes that take the place of the message's header fields in front: our Authentication-Results and X-Spam fields, each with CRLF. */
  fields: string
  /** The message without fields that claim to be ours (RFC 8601 section 5); the very same buffer where there are none. */
  message: Buffer
  /** Where it goes other than INBOX. */
  into: ReadonlyMap<AccountId, Destination>
  findings: readonly Finding[]
}

export interface Inspected {
  peer: Peer
  /** MAIL FROM, normalised where it can be; '' for the null sender */
  sender: string
  recipients: readonly CheckedRecipient[]
  /** As it came, CRLF, without trace fields */
  message: Buffer
  receivedAt: Date
  traceId: TraceId
}

/** The checks of incoming mail: nothing else looks at content (promise P7). An outage of ours throws; one of a scanner is a verdict. */
export interface Checks {
  /** Asked for each recipient, so that a refusal costs no message. Greylisting waits for `inspect` where the tenant wants it for suspicious mail only. */
  recipient(peer: Peer, sender: string, recipient: CheckedRecipient): Promise<RecipientVerdict>
  inspect(message: Inspected): Promise<Verdict>
}

/** Signs what leaves. Holds private keys: the deliver role only. */
export interface Signer {
  /**
   * DKIM-Signature fields (RFC 6376, RFC 8463) of the domain's active keys, each with CRLF, to be put in front; '' where the domain has none.
   * `message` is canonical CRLF.
   */
  sign(domain: string, message: Buffer): Promise<string>
  /** An ARC set (RFC 8617) by the domain's active key, to be put in front of what is sent on; '' where it has none. */
  seal(domain: string, message: Buffer): Promise<string>
}

/** Counts what is sent and says when it is too much (S-16). */
export interface SendingCaps {
  /** Takes one message to so many recipients; `frozen` stays until a person lifts it. */
  take(
    account: { tenantId: TenantId; accountId: AccountId; region: RegionId },
    recipients: number,
  ): Promise<{ ok: true } | { ok: false; reason: 'rate' | 'frozen'; level: 'account' | 'tenant' | 'reseller' }>
}
