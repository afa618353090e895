import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  date,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { folder, mailbox } from '#db/mail/schema/index'
import { bytea } from '#db/types'
import type { AccountId, FolderId, QueueId, ReportId, TenantId, TraceId } from '#lib/ids'

/** Outgoing content, sealed to the tenant's queue key. Claimed across tenants, so never distributed (these two tables stay local). */
export const outbound = pgTable(
  'outbound',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    id: uuid('id').$type<QueueId>().notNull(),
    accountId: uuid('account_id').$type<AccountId>().notNull(),
    wrappedKey: bytea('wrapped_key').notNull(),
    sealed: bytea('sealed').notNull(),
    queuedAt: timestamp('queued_at', { withTimezone: true }).notNull(),
    /** Who it speaks for: a person, a list on its way to its members (`account_id` is the list's id), or a program. */
    origin: text('origin').$type<'account' | 'list' | 'automatic'>().notNull().default('account'),
    traceId: uuid('trace_id').$type<TraceId>(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), index('outbound_account').on(t.tenantId, t.accountId)],
)

/** One remote recipient. Its address is sealed under the message key; `lease_token` fences off a worker that slept past its lease. */
export const outboundRecipient = pgTable(
  'outbound_recipient',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    queueId: uuid('queue_id').$type<QueueId>().notNull(),
    position: integer('position').notNull(),
    recipientSealed: bytea('recipient_sealed').notNull(),
    attempts: integer('attempts').notNull().default(0),
    dueAt: timestamp('due_at', { withTimezone: true }).notNull(),
    leaseToken: bigint('lease_token', { mode: 'bigint' }).notNull().default(sql`0`),
    lastCode: integer('last_code'),
    /** Why it failed for good, sealed under the message key: stands from the failure until its sender has been told. */
    failureSealed: bytea('failure_sealed'),
    /** Keyed hash of the recipient's domain: those of one destination are sent together, and wait together. Null: before this was noted. */
    destinationHash: bytea('destination_hash'),
    state: text('state').$type<'waiting' | 'held'>().notNull().default('waiting'),
    /** The sender has been told that it is late (RFC 3461 4.1, delay). */
    delayTold: boolean('delay_told').notNull().default(false),
    /** Given up at this moment; null: when the schedule says. */
    expiresAt: timestamp('expires_at', { withTimezone: true }),
    /** Hosts to try in place of the DNS, `host:port`, sealed under the message key (an operator rerouted it). */
    routeSealed: bytea('route_sealed'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.queueId, t.position] }),
    index('outbound_due').on(t.dueAt),
    foreignKey({
      columns: [t.tenantId, t.queueId],
      foreignColumns: [outbound.tenantId, outbound.id],
      name: 'recipient_outbound_fk',
    }).onDelete('cascade'),
  ],
)

/**
 * What a mailbox has taken in the last day: a keyed hash of sender, Message-ID and content. Written in the commit of the message itself, so that a server
 * that did not hear our 250 and sends again delivers nothing twice (RFC 1047).
 */
export const accepted = pgTable(
  'accepted',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    accountId: uuid('account_id').$type<AccountId>().notNull(),
    keyHash: bytea('key_hash').notNull(),
    acceptedAt: timestamp('accepted_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.accountId, t.keyHash] }), index('accepted_age').on(t.acceptedAt)],
)

/** Senders that were asked to come again: a keyed hash of network, sender and recipient. */
export const greylist = pgTable(
  'greylist',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    keyHash: bytea('key_hash').notNull(),
    firstAt: timestamp('first_at', { withTimezone: true }).notNull(),
    lastAt: timestamp('last_at', { withTimezone: true }).notNull(),
    passes: integer('passes').notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.keyHash] }), index('greylist_age').on(t.lastAt)],
)

/**
 * What becomes of an account's mail besides its Sieve script, sealed under the mailbox's name key: `forward` JSON {to: string[], keep: boolean}; `spam`, the
 * words its owner has marked as spam or not, as keyed hashes and counts. While there is one, deliveries go to the intake folder.
 */
export const deliveryRule = pgTable(
  'delivery_rule',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    accountId: uuid('account_id').$type<AccountId>().notNull(),
    kind: text('kind').$type<'forward' | 'spam'>().notNull(),
    sealed: bytea('sealed').notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.accountId, t.kind] }),
    foreignKey({
      columns: [t.tenantId, t.accountId],
      foreignColumns: [mailbox.tenantId, mailbox.accountId],
      name: 'delivery_rule_mailbox_fk',
    }).onDelete('cascade'),
  ],
)

/** Mail in quarantine: beside the message row, since when and why. The reasons are sealed under the message key, like an intake envelope. */
export const quarantined = pgTable(
  'quarantined',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    accountId: uuid('account_id').$type<AccountId>().notNull(),
    folderId: uuid('folder_id').$type<FolderId>().notNull(),
    uid: bigint('uid', { mode: 'number' }).notNull(),
    cause: text('cause').$type<'spam' | 'dmarc' | 'rule' | 'unscanned'>().notNull(),
    arrivedAt: timestamp('arrived_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.accountId, t.folderId, t.uid] }),
    index('quarantined_age').on(t.arrivedAt),
    foreignKey({
      columns: [t.tenantId, t.folderId],
      foreignColumns: [folder.tenantId, folder.id],
      name: 'quarantined_folder_fk',
    }).onDelete('cascade'),
  ],
)

/**
 * A remote domain, by keyed hash: whether it takes mail at the moment and which MTA-STS policy it has published (RFC 8461; sealed under the look-up key,
 * kept over restarts as section 3.3 asks). Belongs to no tenant.
 */
export const destination = pgTable('destination', {
  domainHash: bytea('domain_hash').primaryKey(),
  /** Failures in a row to reach any of its hosts. */
  failures: integer('failures').notNull().default(0),
  pausedUntil: timestamp('paused_until', { withTimezone: true }),
  policySealed: bytea('policy_sealed'),
  policyUntil: timestamp('policy_until', { withTimezone: true }),
  seenAt: timestamp('seen_at', { withTimezone: true }).notNull().defaultNow(),
})

/** Addresses elsewhere to which a tenant's mail has failed for good: not tried again before `expires_at`. The address is sealed to the queue key. */
export const suppression = pgTable(
  'suppression',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    addressHash: bytea('address_hash').notNull(),
    sealed: bytea('sealed').notNull(),
    cause: text('cause').$type<'unknown' | 'refused' | 'complaint' | 'person'>().notNull(),
    since: timestamp('since', { withTimezone: true }).notNull().defaultNow(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.addressHash] }), index('suppression_expiry').on(t.expiresAt)],
)

/** A symmetric key that one process made for its log lines of one tenant and day, wrapped to that day's log key: when the day's key goes, so do they. */
export const traceKey = pgTable(
  'trace_key',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    id: uuid('id').notNull(),
    /** Days since 1970-01-01; the day of control.log_key. */
    day: integer('day').notNull(),
    wrapped: bytea('wrapped').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), index('trace_key_day').on(t.day)],
)

/** One step of a message's way. Who and what stand in `sealed` only; `account_id` is whose mail it is, where it is somebody's here. */
export const trace = pgTable(
  'trace',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    id: uuid('id').notNull(),
    keyId: uuid('key_id').notNull(),
    /** The message: the steps of one way share it. */
    traceId: uuid('trace_id').$type<TraceId>().notNull(),
    accountId: uuid('account_id').$type<AccountId>(),
    day: integer('day').notNull(),
    direction: text('direction').$type<'in' | 'out'>().notNull(),
    step: text('step')
      .$type<'accepted' | 'refused' | 'checked' | 'stored' | 'queued' | 'attempt' | 'settled' | 'told'>()
      .notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
    sealed: bytea('sealed').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('trace_recent').on(t.tenantId, t.at),
    index('trace_message').on(t.tenantId, t.traceId),
    index('trace_account').on(t.tenantId, t.accountId, t.at),
    index('trace_day').on(t.day),
    foreignKey({
      columns: [t.tenantId, t.keyId],
      foreignColumns: [traceKey.tenantId, traceKey.id],
      name: 'trace_key_fk',
    }).onDelete('cascade'),
  ],
)

/**
 * Privacy receipt of a sent message: what left and how, sealed to the account's own key with its key wrapped beside it. `message_hash`: keyed hash of the
 * Message-ID, by which webmail finds it from the copy in Sent. Several parts: one of the submission, one of each attempt that a host answered.
 */
export const receipt = pgTable(
  'receipt',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    accountId: uuid('account_id').$type<AccountId>().notNull(),
    id: uuid('id').notNull(),
    traceId: uuid('trace_id').$type<TraceId>().notNull(),
    messageHash: bytea('message_hash').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
    wrappedKey: bytea('wrapped_key').notNull(),
    sealed: bytea('sealed').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.accountId, t.id] }),
    index('receipt_message').on(t.tenantId, t.accountId, t.messageHash),
    foreignKey({
      columns: [t.tenantId, t.accountId],
      foreignColumns: [mailbox.tenantId, mailbox.accountId],
      name: 'receipt_mailbox_fk',
    }).onDelete('cascade'),
  ],
)

/** An aggregate report about a tenant's domain that another server sent (RFC 7489 7.2, RFC 8460), sealed under the tenant key as JSON. */
export const report = pgTable(
  'report',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    id: uuid('id').$type<ReportId>().notNull(),
    domainId: uuid('domain_id').notNull(),
    kind: text('kind').$type<'dmarc' | 'tls'>().notNull(),
    /** Keyed hash of organisation and report id: the same report twice is one. */
    reportHash: bytea('report_hash').notNull(),
    beginDay: date('begin_day').notNull(),
    receivedAt: timestamp('received_at', { withTimezone: true }).notNull().defaultNow(),
    sealed: bytea('sealed').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    unique('report_once').on(t.tenantId, t.reportHash),
    index('report_domain').on(t.tenantId, t.domainId, t.beginDay),
  ],
)
