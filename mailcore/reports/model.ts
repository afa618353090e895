/** Pass or fail of one mechanism with alignment, as DMARC counts it (RFC 7489 3.1). */
export type Aligned = 'pass' | 'fail'

/** What one mechanism found of itself, whatever it is worth to DMARC. */
export interface Authentication {
  domain: string
  /** DKIM only */
  selector?: string
  /** pass, fail, softfail, neutral, none, temperror, permerror, policy */
  result: string
}

/** Mail from one source that was treated alike. */
export interface DmarcRow {
  /** IP address of the server that sent it */
  source: string
  messages: number
  disposition: 'none' | 'quarantine' | 'reject'
  dkim: Aligned
  spf: Aligned
  headerFrom: string
  signatures: Authentication[]
  sender: Authentication | null
  /** Why the receiver did otherwise than the policy says (RFC 7489 appendix C): forwarded, mailing_list, ... */
  override: string | null
}

interface AnyReport {
  /** The organisation, as it names itself */
  organisation: string
  reportId: string
  /** Was the message authenticated as coming from where it says? By our own Authentication-Results. */
  submitter: 'verified' | 'unverified'
  /** Domain of the message's author; '' when it has none */
  submitterDomain: string
  beginAt: Date
  endAt: Date
}

/** An aggregate report by RFC 7489 appendix C. */
export interface DmarcReport extends AnyReport {
  kind: 'dmarc'
  policy: { domain: string; p: string; sp: string; pct: number }
  rows: DmarcRow[]
  /** What stands in no row of ours, because there were too many */
  rest: { messages: number; passed: number }
}

export interface TlsFailure {
  /** RFC 8460 section 4.3: starttls-not-supported, certificate-expired, sts-policy-invalid, ... */
  type: string
  sessions: number
  /** The server of ours that was meant, and who tried; '' where the report does not say */
  receivingHost: string
  sendingAddress: string
  reason: string
}

/** A report by RFC 8460 section 4. */
export interface TlsReport extends AnyReport {
  kind: 'tls'
  policies: { type: string; succeeded: number; failed: number; failures: TlsFailure[] }[]
}

export type Report = DmarcReport | TlsReport
