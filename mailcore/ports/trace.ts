import type { AccountId, RegionId, TenantId, TraceId } from '#lib/ids'
import type { Finding } from './checks'

/** What is recorded of one step of a message's way, sealed under the daily log key. Addresses, hosts and answers, never subject or content. */
export interface TraceDetail {
  sender?: string
  recipients?: readonly string[]
  /** Of a message that came in: the server that brought it. Never set for a submission (promise P9). */
  peer?: string
  helo?: string
  tls?: string
  bytes?: number
  /** Message-ID, without brackets */
  messageId?: string
  findings?: readonly Finding[]
  /** inbox, junk, quarantine, intake, queue, list, reports */
  into?: string
  /** The remote host and address of an attempt */
  host?: string
  address?: string
  mtaSts?: string
  dane?: string
  /** SMTP reply code, status and the first 300 characters of what was said */
  code?: number
  enhanced?: string
  text?: string
  /** delivered, deferred, failed, expired, cancelled, refused */
  outcome?: string
  retryAt?: string
}

export interface TraceStep {
  tenantId: TenantId
  region: RegionId
  traceId: TraceId
  /** Whose mail it is, where it is somebody's here */
  accountId: AccountId | null
  direction: 'in' | 'out'
  step: 'accepted' | 'refused' | 'checked' | 'stored' | 'queued' | 'attempt' | 'settled' | 'told'
  at: Date
  detail: TraceDetail
}

/** The record of each message's way. Lines are gathered and written within a second; a process that is killed may lose its last second's, and never mail. */
export interface Trace {
  /** Never throws and never waits; beyond its ceiling the oldest unwritten lines go, counted. */
  note(step: TraceStep): void
  /** Writes what is gathered; for stopping and for tests. */
  flush(): Promise<void>
  stop(): Promise<void>
}

/** One part of the privacy receipt of a sent message (promise P9, V-01). */
export type ReceiptPart =
  | {
      kind: 'submitted'
      /** The header exactly as it left, without the signatures that are added later */
      header: string
      /** Names of the fields that were taken out or rewritten */
      removed: readonly string[]
      /** Recipients here, whose mail never left the network (promise P10) */
      local: readonly string[]
      remote: readonly string[]
    }
  | {
      kind: 'attempt'
      recipients: readonly string[]
      host: string
      address: string
      /** TLSv1.3 and the cipher; null: in the clear */
      tls: { version: string; cipher: string; verified: boolean } | null
      mtaSts: 'none' | 'testing' | 'enforce'
      dane: 'none' | 'verified' | 'failed'
      /** Names of the fields that were added before it left: DKIM-Signature, ARC-Seal */
      added: readonly string[]
      code: number
      text: string
      at: string
    }

export interface Receipts {
  /**
   * Keeps one part under the account's own key. `messageId` without brackets, as it left. Resolves when it is written; a failure is logged and thrown
   * to nobody: a receipt must not hold up mail.
   */
  add(
    of: { tenantId: TenantId; accountId: AccountId; region: RegionId; traceId: TraceId; messageId: string; at: Date },
    part: ReceiptPart,
  ): Promise<void>
}
