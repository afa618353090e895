import { sql } from 'drizzle-orm'
import {
  check,
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
import { account, domain, reseller, tenant } from '#db/control/schema/tenancy'
import { bytea } from '#db/types'
import type { AccountId, DkimKeyId, DomainId, GroupId, ResellerId, RuleId, TenantId } from '#lib/ids'

/**
 * One address that leads to several: a group delivers to accounts of the tenant as if each had been named; a list sends on to anyone, with the
 * fields of RFC 2369. Name and description are sealed under the tenant key, as JSON {address, name, description}.
 */
export const addressGroup = pgTable(
  'address_group',
  {
    tenantId: uuid('tenant_id')
      .$type<TenantId>()
      .notNull()
      .references(() => tenant.id),
    id: uuid('id').$type<GroupId>().notNull(),
    domainId: uuid('domain_id').$type<DomainId>().notNull(),
    kind: text('kind').$type<'group' | 'list'>().notNull(),
    /** Who may write to it. */
    posting: text('posting').$type<'anyone' | 'tenant' | 'members'>().notNull().default('anyone'),
    sealed: bytea('sealed').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({
      columns: [t.tenantId, t.domainId],
      foreignColumns: [domain.tenantId, domain.id],
      name: 'group_domain_fk',
    }),
  ],
)

/** A member: an account of the tenant, or (lists only) an address elsewhere, sealed under the tenant key and found by keyed hash. */
export const groupMember = pgTable(
  'group_member',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    groupId: uuid('group_id').$type<GroupId>().notNull(),
    id: uuid('id').notNull(),
    accountId: uuid('account_id').$type<AccountId>(),
    addressSealed: bytea('address_sealed'),
    addressHash: bytea('address_hash'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.groupId, t.id] }),
    unique('group_member_account').on(t.tenantId, t.groupId, t.accountId),
    unique('group_member_address').on(t.tenantId, t.groupId, t.addressHash),
    check('group_member_one', sql`(${t.accountId} is null) <> (${t.addressSealed} is null)`),
    foreignKey({
      columns: [t.tenantId, t.groupId],
      foreignColumns: [addressGroup.tenantId, addressGroup.id],
      name: 'member_group_fk',
    }).onDelete('cascade'),
    foreignKey({
      columns: [t.tenantId, t.accountId],
      foreignColumns: [account.tenantId, account.id],
      name: 'member_account_fk',
    }).onDelete('cascade'),
  ],
)

/**
 * A sender that is let in or kept out, for everyone here (neither tenant nor reseller), for a reseller's customers, a tenant, or one account. The
 * pattern (address, domain or network) is found by keyed hash and shown from the sealed text: under the profile key of the account, else the key of
 * the tenant, the reseller or the operator.
 */
export const senderRule = pgTable(
  'sender_rule',
  {
    id: uuid('id').$type<RuleId>().primaryKey(),
    resellerId: uuid('reseller_id')
      .$type<ResellerId>()
      .references(() => reseller.id),
    tenantId: uuid('tenant_id')
      .$type<TenantId>()
      .references(() => tenant.id),
    accountId: uuid('account_id').$type<AccountId>(),
    action: text('action').$type<'allow' | 'block'>().notNull(),
    patternHash: bytea('pattern_hash').notNull(),
    patternSealed: bytea('pattern_sealed').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    unique('sender_rule_once').on(t.resellerId, t.tenantId, t.accountId, t.patternHash).nullsNotDistinct(),
    index('sender_rule_pattern').on(t.patternHash),
    check('sender_rule_level', sql`${t.accountId} is null or ${t.tenantId} is not null`),
    check('sender_rule_scope', sql`${t.tenantId} is null or ${t.resellerId} is null`),
  ],
)

/** What a tenant has chosen about mail that comes in; a tenant without a row has the defaults of lib/limits. */
export const mailPolicy = pgTable('mail_policy', {
  tenantId: uuid('tenant_id')
    .$type<TenantId>()
    .primaryKey()
    .references(() => tenant.id),
  /** Spam goes into Junk, or waits in quarantine. */
  spam: text('spam').$type<'junk' | 'quarantine'>().notNull().default('junk'),
  /** rspamd's score in tenths from which a message is spam, and from which it is refused. */
  junkScoreTenths: integer('junk_score_tenths').notNull().default(60),
  rejectScoreTenths: integer('reject_score_tenths').notNull().default(150),
  greylist: text('greylist').$type<'off' | 'suspicious' | 'all'>().notNull().default('off'),
  /** Obey p=reject and p=quarantine of the author's domain (RFC 7489 6.3), or only note it. */
  dmarc: text('dmarc').$type<'obey' | 'note'>().notNull().default('obey'),
})

/** A signing key of a domain. One per algorithm is `active`; `retiring` keys sign nothing and stay published until mail signed with them has arrived. */
export const dkimKey = pgTable(
  'dkim_key',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    id: uuid('id').$type<DkimKeyId>().notNull(),
    domainId: uuid('domain_id').$type<DomainId>().notNull(),
    selector: text('selector').notNull(),
    algorithm: text('algorithm').$type<'rsa-sha256' | 'ed25519-sha256'>().notNull(),
    state: text('state').$type<'pending' | 'active' | 'retiring' | 'retired'>().notNull().default('pending'),
    /** The `p=` of its record (RFC 6376 3.6.1, RFC 8463): base64 */
    publicKey: text('public_key').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    /** When the state was entered. */
    stateAt: timestamp('state_at', { withTimezone: true }).notNull().defaultNow(),
    /** When the record was last seen in the DNS as it should be. */
    publishedAt: timestamp('published_at', { withTimezone: true }),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    unique('dkim_selector').on(t.tenantId, t.domainId, t.selector),
    foreignKey({
      columns: [t.tenantId, t.domainId],
      foreignColumns: [domain.tenantId, domain.id],
      name: 'dkim_domain_fk',
    }).onDelete('cascade'),
  ],
)

/** What was last seen of a domain's records (RFC names as in the plan): one row per record, so that a change is told. */
export const dnsCheck = pgTable(
  'dns_check',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    domainId: uuid('domain_id').$type<DomainId>().notNull(),
    /** The record's id in the plan, such as `mx`, `spf`, `dkim:s1`. */
    record: text('record').notNull(),
    state: text('state').$type<'right' | 'wrong' | 'missing' | 'unknown'>().notNull(),
    found: text('found'),
    checkedAt: timestamp('checked_at', { withTimezone: true }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.domainId, t.record] }),
    foreignKey({
      columns: [t.tenantId, t.domainId],
      foreignColumns: [domain.tenantId, domain.id],
      name: 'dns_check_domain_fk',
    }).onDelete('cascade'),
  ],
)

/** Public half of the key that the logs of one UTC day are sealed to; the private half is in the key database until day 30. */
export const logKey = pgTable('log_key', {
  /** Days since 1970-01-01. */
  day: integer('day').primaryKey(),
  publicKey: bytea('public_key').notNull(),
})

/**
 * What was sent in one hour, counted for an account, a tenant and a reseller; the caps are held against sums of these (S-16). `scope_id` is the id of
 * what is counted.
 */
export const sendCount = pgTable(
  'send_count',
  {
    scopeId: uuid('scope_id').notNull(),
    hour: timestamp('hour', { withTimezone: true }).notNull(),
    kind: text('kind').$type<'account' | 'tenant' | 'reseller'>().notNull(),
    messages: integer('messages').notNull().default(0),
    recipients: integer('recipients').notNull().default(0),
    bounces: integer('bounces').notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.scopeId, t.hour] }), index('send_count_hour').on(t.hour)],
)

/** Why somebody may send nothing more for now: set by the caps themselves or by a person, lifted by a person. `scope_id` as in send_count. */
export const sendFreeze = pgTable('send_freeze', {
  scopeId: uuid('scope_id').primaryKey(),
  kind: text('kind').$type<'account' | 'tenant' | 'reseller'>().notNull(),
  tenantId: uuid('tenant_id').$type<TenantId>(),
  resellerId: uuid('reseller_id').$type<ResellerId>(),
  cause: text('cause').$type<'rate' | 'bounces' | 'person'>().notNull(),
  frozenAt: timestamp('frozen_at', { withTimezone: true }).notNull().defaultNow(),
})

/** Caps on what may be sent, where other than the defaults of lib/limits; one row per account, tenant or reseller. */
export const sendCap = pgTable('send_cap', {
  scopeId: uuid('scope_id').primaryKey(),
  kind: text('kind').$type<'account' | 'tenant' | 'reseller'>().notNull(),
  tenantId: uuid('tenant_id').$type<TenantId>(),
  resellerId: uuid('reseller_id').$type<ResellerId>(),
  recipientsPerHour: integer('recipients_per_hour').notNull(),
  recipientsPerDay: integer('recipients_per_day').notNull(),
})

/** Addresses that mail of a reseller's customers leaves from, and the name they say; a reseller without a pool uses the one named `default`, or any. */
export const sendingPool = pgTable('sending_pool', {
  name: text('name').primaryKey(),
  /** Source addresses of this host. */
  addresses: text('addresses').array().notNull(),
  heloName: text('helo_name').notNull(),
})

export const poolOfReseller = pgTable('pool_of_reseller', {
  resellerId: uuid('reseller_id')
    .$type<ResellerId>()
    .primaryKey()
    .references(() => reseller.id),
  pool: text('pool')
    .notNull()
    .references(() => sendingPool.name),
})

/** Aggregates for reports to other domains that went out already: one report a domain and day (RFC 7489 7.2, RFC 8460 3). */
export const reportSent = pgTable(
  'report_sent',
  {
    kind: text('kind').$type<'dmarc' | 'tls'>().notNull(),
    day: date('day').notNull(),
    domainHash: bytea('domain_hash').notNull(),
    sentAt: timestamp('sent_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.kind, t.day, t.domainHash] })],
)
