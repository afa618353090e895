import { sql } from 'drizzle-orm'
import {
  bigserial,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import { account, reseller } from '#db/control/schema/tenancy'
import { bytea } from '#db/types'
import type { AccountId, AuditId, CredentialId, IntentId, ResellerId, StaffId, TenantId } from '#lib/ids'

/** A password (argon2id text) or an app password (keyed hash of 128 random bits) of an account. The label is sealed under the profile key. */
export const credential = pgTable(
  'credential',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    id: uuid('id').$type<CredentialId>().notNull(),
    accountId: uuid('account_id').$type<AccountId>().notNull(),
    kind: text('kind').$type<'password' | 'app'>().notNull(),
    hash: text('hash').notNull(),
    labelSealed: bytea('label_sealed'),
    /** Doors an app password opens; all for the account password. */
    protocols: text('protocols').array().notNull().default(sql`'{imap,pop3,submission,web}'`),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    lastUsedAt: timestamp('last_used_at', { withTimezone: true }),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('credential_account').on(t.tenantId, t.accountId),
    foreignKey({
      columns: [t.tenantId, t.accountId],
      foreignColumns: [account.tenantId, account.id],
      name: 'credential_account_fk',
    }),
  ],
)

/**
 * An access token for mail programs that sign in by OAUTHBEARER or XOAUTH2 (RFC 7628). Of its 256 random bits only the SHA-256 is here. The label
 * is sealed under the profile key; the owner's address is sealed under a key derived from the token itself, so that a door learns whose token it
 * was shown (RFC 7628 lets a client name nobody) and nobody else does.
 */
export const accessToken = pgTable(
  'access_token',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    id: uuid('id').$type<CredentialId>().notNull(),
    accountId: uuid('account_id').$type<AccountId>().notNull(),
    hash: bytea('hash').notNull().unique(),
    labelSealed: bytea('label_sealed').notNull(),
    addressSealed: bytea('address_sealed').notNull(),
    /** Doors it opens. */
    protocols: text('protocols').array().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    lastUsedAt: timestamp('last_used_at', { withTimezone: true }),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index('access_token_account').on(t.tenantId, t.accountId),
    index('access_token_expiry').on(t.expiresAt),
    check('access_token_hash_size', sql`length(${t.hash}) = 32`),
    foreignKey({
      columns: [t.tenantId, t.accountId],
      foreignColumns: [account.tenantId, account.id],
      name: 'access_token_account_fk',
    }),
  ],
)

/** Operator and reseller staff: people of ours and of the trade, who hold no mailbox here. */
export const staff = pgTable('staff', {
  id: uuid('id').$type<StaffId>().primaryKey(),
  kind: text('kind').$type<'operator' | 'reseller'>().notNull(),
  resellerId: uuid('reseller_id')
    .$type<ResellerId>()
    .references(() => reseller.id),
  emailHash: bytea('email_hash').notNull().unique(),
  /** JSON {email, name}, sealed under the reseller's key, or the operator's. */
  profileSealed: bytea('profile_sealed').notNull(),
  passwordHash: text('password_hash').notNull(),
  state: text('state').$type<'active' | 'suspended'>().notNull().default('active'),
  signInEpoch: integer('sign_in_epoch').notNull().default(1),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
})

/** A web session; the cookie's token is known here by its SHA-256 only. Room is kept for an account key wrapped under the token (sealed mailboxes). */
export const session = pgTable(
  'session',
  {
    tokenHash: bytea('token_hash').primaryKey(),
    kind: text('kind').$type<'account' | 'staff'>().notNull(),
    tenantId: uuid('tenant_id').$type<TenantId>(),
    accountId: uuid('account_id').$type<AccountId>(),
    staffId: uuid('staff_id').$type<StaffId>(),
    epoch: integer('epoch').notNull(),
    /** Browser family and system in a few words, sealed under the profile key; no address is kept. */
    deviceSealed: bytea('device_sealed'),
    keyWrapped: bytea('key_wrapped'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    lastSeenAt: timestamp('last_seen_at', { withTimezone: true }).notNull().defaultNow(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
  },
  (t) => [index('session_account').on(t.tenantId, t.accountId), index('session_expiry').on(t.expiresAt)],
)

/**
 * The audit log and, where `account_id` stands, the access ledger its owner reads. Append only: the app's role may insert
 * and select. `sealed` holds the personal parts (reason, names) under the profile key of the account concerned (or the tenant's or reseller's key),
 * so that the row survives erasure while its personal part does not.
 */
export const audit = pgTable(
  'audit',
  {
    seq: bigserial('seq', { mode: 'number' }).primaryKey(),
    id: uuid('id').$type<AuditId>().notNull().unique(),
    at: timestamp('at', { withTimezone: true }).notNull().defaultNow(),
    resellerId: uuid('reseller_id').$type<ResellerId>(),
    tenantId: uuid('tenant_id').$type<TenantId>(),
    accountId: uuid('account_id').$type<AccountId>(),
    actorKind: text('actor_kind').$type<'operator' | 'reseller' | 'domain-admin' | 'subscriber' | 'system'>().notNull(),
    actorId: uuid('actor_id'),
    action: text('action').notNull(),
    /** `done` for an act that committed with this row; an intent is `intent`, and its outcome a second row. */
    outcome: text('outcome').$type<'done' | 'intent' | 'completed' | 'failed' | 'refused'>().notNull(),
    intentId: uuid('intent_id').$type<IntentId>(),
    /** Counts and ids only. */
    facts: jsonb('facts').$type<Record<string, string | number | boolean | null>>().notNull().default({}),
    sealed: bytea('sealed'),
    sealedFor: text('sealed_for').$type<'account' | 'tenant' | 'reseller'>(),
  },
  (t) => [
    index('audit_account').on(t.tenantId, t.accountId, t.seq),
    index('audit_tenant').on(t.tenantId, t.seq),
    index('audit_reseller').on(t.resellerId, t.seq),
    index('audit_intent').on(t.intentId),
  ],
)

/** An act that reaches the keys or a mail database: committed here first, then run in resumable, idempotent steps. */
export const intent = pgTable(
  'intent',
  {
    id: uuid('id').$type<IntentId>().primaryKey(),
    resellerId: uuid('reseller_id').$type<ResellerId>(),
    tenantId: uuid('tenant_id').$type<TenantId>(),
    accountId: uuid('account_id').$type<AccountId>(),
    action: text('action').notNull(),
    /** Ids and settings the steps need; nothing personal. */
    input: jsonb('input').$type<Record<string, string | number | boolean | null>>().notNull().default({}),
    state: text('state').$type<'open' | 'completed' | 'failed'>().notNull().default('open'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    finishedAt: timestamp('finished_at', { withTimezone: true }),
    attempts: integer('attempts').notNull().default(0),
    /** When a worker may take it up; whoever runs it pushes this ahead first, so that two do not run one intent. */
    dueAt: timestamp('due_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [index('intent_open').on(t.dueAt).where(sql`state = 'open'`)],
)

/** Failed sign-ins in the window, by keyed hash of login or network; shared by all doors and processes. No address is kept. */
export const signInFailure = pgTable(
  'sign_in_failure',
  {
    keyHash: bytea('key_hash').notNull(),
    windowStart: timestamp('window_start', { withTimezone: true }).notNull(),
    failures: integer('failures').notNull(),
  },
  (t) => [primaryKey({ columns: [t.keyHash, t.windowStart] })],
)
