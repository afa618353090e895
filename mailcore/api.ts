/**
 * The mail core as the web back end sees it: the only file of mailcore that server/ imports. Everything acts on one account or tenant,
 * is idempotent where it changes keys or mail, and throws Faults.
 */
import type { Databases } from '#db/client'
import { systemClock } from '#lib/clock'
import { keyedHash } from '#lib/crypto/hash'
import type { AccountId, EmailId, FolderId, RegionId, ResellerId, TenantId } from '#lib/ids'
import type { Log } from '#lib/log'
import { createDirectory } from '#mailcore/directory/directory'
import { patternHash } from '#mailcore/directory/rules'
import { createResolver } from '#mailcore/dns/resolver'
import type { RootKms } from '#mailcore/keys/root'
import { createKeyService, type KeyService } from '#mailcore/keys/service'
import { type Notice, notify } from '#mailcore/pipeline/notice'
import { createSend, type SendInput } from '#mailcore/pipeline/send'
import type { Directory, Mailbox, MailStore, MailStores, Queue } from '#mailcore/ports'
import { normaliseAddress } from '#mailcore/proto/address'
import { createSendingCaps } from '#mailcore/queue/caps'
import { createDesk, type OutboundDesk } from '#mailcore/queue/desk'
import { createQueue } from '#mailcore/queue/queue'
import { type ReadDay, sendDailyReports } from '#mailcore/reports/daily'
import { type ReportPlace, readReports, type StoredReport } from '#mailcore/reports/store'
import { checkMailbox, type MailboxReport } from '#mailcore/store/check'
import { createDelivery } from '#mailcore/store/delivery'
import { createMailStores } from '#mailcore/store/mail-store'
import { eraseMailbox, provisionMailbox, purgeDeleted, updateMailbox, usageOf } from '#mailcore/store/provision'
import { addQuarantine, sweepQuarantined } from '#mailcore/store/quarantine'
import { createTraceReader, type TraceReader } from '#mailcore/trace/reader'
import { createReceiptReader, createReceipts, type ReceiptReader } from '#mailcore/trace/receipts'
import { createTrace } from '#mailcore/trace/trace'

export { fileKms, memoryKms, type RootKms, readKeyFile } from '#mailcore/keys/root'
export { type KeyService, OPERATOR_SCOPE } from '#mailcore/keys/service'
export type { Folder, MailStore, MessageMeta, MessageState, Recoverable, SignedIn } from '#mailcore/ports'
export { normaliseAddress, splitSubaddress } from '#mailcore/proto/address'
export { parseSenderPattern, type SenderPattern } from '#mailcore/proto/sender-pattern'
export type { Suppressed, WaitingMail } from '#mailcore/queue/desk'
export type { ReadDay } from '#mailcore/reports/daily'
export type { StoredReport } from '#mailcore/reports/store'
export { newSigningKey, SIGNING_ALGORITHMS, type SigningAlgorithm } from '#mailcore/signing/key-pair'
export type { SeenStep, TraceQuery, Way } from '#mailcore/trace/reader'
export type { ReceiptPartSeen } from '#mailcore/trace/receipts'
export { HIDDEN, type Reader, redact } from '#mailcore/trace/redact'
export type { AccountId, EmailId, FolderId, RegionId, ResellerId, TenantId }

/** Where an account's mail is. */
export interface AccountRef {
  tenantId: TenantId
  accountId: AccountId
  region: RegionId
}

export interface MailCore {
  readonly keys: KeyService
  readonly directory: Directory
  readonly queue: Queue
  /** What waits to leave, and what may be done about it. */
  readonly desk: OutboundDesk
  readonly stores: MailStores
  /** The keyed hash by which an address is looked up; normalises first. Null when it is no address. */
  addressHash(address: string): Buffer | null
  /** The keyed hash by which a sender rule's pattern (see parseSenderPattern) is found. */
  senderHash(pattern: string): Buffer
  /** Makes the mailbox with its folders (INBOX, Drafts, Sent, Junk, Trash, Archive). A second call changes nothing. */
  provisionMailbox(account: AccountRef, settings: { quotaBytes: number; recoverDays: number }): Promise<void>
  updateMailbox(account: AccountRef, settings: { quotaBytes?: number; recoverDays?: number }): Promise<void>
  /** Removes every message, folder, metadata row and waiting recipient of an account. A second call finds nothing. */
  eraseMailbox(account: AccountRef): Promise<{ messages: number; bytes: number; queued: number }>
  /** Opens the account's mail; close() it when done. */
  open(account: AccountRef): Promise<MailStore>
  /** Sends as submission does: own addresses only, traces removed, local recipients inside, remote ones queued. Returns how many of each. */
  send(account: AccountRef, message: SendInput): Promise<{ delivered: number; queued: number }>
  /** Puts a notice of this host into a mailbox; the same `key` once a day at most. */
  notify(to: { mailbox: Mailbox; address: string }, notice: Notice): Promise<void>
  /** Removes deleted messages of a tenant whose days are over, with body and key. */
  purgeDeleted(tenant: TenantId, region: RegionId, now: Date): Promise<number>
  /** Deletes what a tenant's people have left in quarantine since before `before`; makes the folder for it where there is none. Returns how many messages. */
  purgeQuarantined(tenant: TenantId, region: RegionId, before: Date): Promise<number>
  /** Bytes and messages per account of a tenant. */
  usage(tenant: TenantId, region: RegionId): Promise<Map<AccountId, { usedBytes: number; messages: number }>>
  /** What other servers reported about a domain since a day, the latest first. */
  reports(
    place: ReportPlace,
    options: { since: Date; limit: number },
  ): Promise<{ reports: StoredReport[]; unreadable: number }>
  /** Sends the reports of a day (in days since 1970-01-01) to the domains that ask for them; returns how many. A second call for the day sends none. */
  sendReports(readDay: ReadDay, dnsServers: readonly string[], day: number): Promise<number>
  /** The ways of messages, as recorded in the last thirty days; redact() before anybody sees them. */
  readonly ways: TraceReader
  /** What was kept of messages that an account sent. */
  readonly receipts: ReceiptReader
  /** Writes what is recorded and not written yet; before the databases close. */
  flush(): Promise<void>
  /** Recounts every invariant of one mailbox, decrypting as it goes. */
  check(account: AccountRef): Promise<MailboxReport>
}

export interface MailCoreSettings {
  db: Databases
  kms: RootKms
  /** 32 bytes; look-up hashes of addresses are made with it. */
  lookupKey: Buffer
  log: Log
  /** Host name written into trace headers and Message-IDs. */
  hostname: string
}

/** Puts the mail core together over its databases and keys. */
export function createMailCore(settings: MailCoreSettings): MailCore {
  const { db } = settings
  const keys = createKeyService(db, settings.kms)
  const stores = createMailStores({ db, keys, log: settings.log })
  const directory = createDirectory({ db, lookupKey: settings.lookupKey, log: settings.log })
  const delivery = createDelivery({ db, log: settings.log })
  const queue = createQueue({ db, keys, lookupKey: settings.lookupKey, log: settings.log })
  const { lookupKey, log } = settings
  const trace = createTrace({ db, clock: systemClock, log })
  return {
    keys,
    directory,
    queue,
    desk: createDesk({ db, keys, log: settings.log }),
    stores,
    addressHash: (address) => {
      const normal = normaliseAddress(address)
      return normal === null ? null : keyedHash(settings.lookupKey, 'address', normal)
    },
    senderHash: (pattern) => patternHash(settings.lookupKey, pattern),
    provisionMailbox: (account, wanted) => provisionMailbox({ db, keys }, account, wanted),
    updateMailbox: (account, wanted) => updateMailbox(db, account, wanted),
    eraseMailbox: (account) => eraseMailbox(db, account),
    open: (account) => stores.open(account),
    send: createSend({
      directory,
      delivery,
      queue,
      caps: createSendingCaps({ db, log: settings.log }),
      trace,
      receipts: createReceipts({ db, lookupKey, log }),
      lookupKey,
      hostname: settings.hostname,
    }),
    notify: (to, notice) => notify({ delivery, lookupKey: settings.lookupKey, clock: systemClock }, to, notice),
    ways: createTraceReader({ db, keys }),
    receipts: createReceiptReader({ db, keys, lookupKey }),
    flush: () => trace.flush(),
    purgeDeleted: (tenant, region, now) => purgeDeleted(db, tenant, region, now),
    purgeQuarantined: async (tenant, region, before) => {
      await addQuarantine({ db, keys }, tenant, region)
      return sweepQuarantined(db, tenant, region, before)
    },
    usage: (tenant, region) => usageOf(db, tenant, region),
    reports: (place, options) => readReports({ db, keys }, place, options),
    sendReports: (readDay, servers, day) => {
      const { lookupKey, hostname, log } = settings
      const resolver = createResolver({ servers })
      return sendDailyReports({ db, queue, resolver, clock: systemClock, log, lookupKey, hostname }, readDay, day)
    },
    check: (account) => checkMailbox({ db, keys }, account),
  }
}
