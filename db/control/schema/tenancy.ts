import {
  bigint,
  boolean,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytea } from '#db/types'
import type { AccountId, DomainId, GroupId, RegionId, ResellerId, TenantId } from '#lib/ids'

/** Where data may live: a database of its own, a legal entity and a jurisdiction. */
export const region = pgTable('region', {
  id: text('id').$type<RegionId>().primaryKey(),
  name: text('name').notNull(),
  legalEntity: text('legal_entity').notNull(),
  jurisdiction: text('jurisdiction').notNull(),
})

/** `name_sealed` opens with the reseller's own key. A cap of null means no limit of its own. */
export const reseller = pgTable('reseller', {
  id: uuid('id').$type<ResellerId>().primaryKey(),
  nameSealed: bytea('name_sealed').notNull(),
  state: text('state').$type<'active' | 'suspended'>().notNull().default('active'),
  seatsCap: integer('seats_cap').notNull(),
  storageCapBytes: bigint('storage_cap_bytes', { mode: 'number' }),
  domainsCap: integer('domains_cap'),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
})

/**
 * One customer. `seats_reserved`: its cap was asked for by number and is set aside from the reseller's; otherwise the cap is
 * only a ceiling, and each account draws a seat from what the reseller has not set aside.
 */
export const tenant = pgTable(
  'tenant',
  {
    id: uuid('id').$type<TenantId>().primaryKey(),
    resellerId: uuid('reseller_id')
      .$type<ResellerId>()
      .notNull()
      .references(() => reseller.id),
    region: text('region')
      .$type<RegionId>()
      .notNull()
      .references(() => region.id),
    nameSealed: bytea('name_sealed').notNull(),
    state: text('state').$type<'active' | 'suspended'>().notNull().default('active'),
    seatsCap: integer('seats_cap').notNull(),
    seatsReserved: boolean('seats_reserved').notNull(),
    storageCapBytes: bigint('storage_cap_bytes', { mode: 'number' }),
    domainsCap: integer('domains_cap'),
    /** Days a deleted message stays recoverable for new accounts, and the most an account may choose. */
    recoverDays: integer('recover_days').notNull(),
    /** X25519 key of the tenant's outbound queue; the private half is in the key database. */
    queuePublicKey: bytea('queue_public_key').notNull(),
    queueKeyVersion: integer('queue_key_version').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [index('tenant_reseller').on(t.resellerId)],
)

/** A domain name of a tenant. A verified name is unique over all tenants (partial index in the policies), an unverified one is not. */
export const domain = pgTable(
  'domain',
  {
    tenantId: uuid('tenant_id')
      .$type<TenantId>()
      .notNull()
      .references(() => tenant.id),
    id: uuid('id').$type<DomainId>().notNull(),
    /** A-label form, lower case. */
    name: text('name').notNull(),
    state: text('state').$type<'unverified' | 'verified'>().notNull().default('unverified'),
    proofToken: text('proof_token').notNull(),
    /** Takes what is addressed to nobody in the domain. */
    catchAllId: uuid('catch_all_id').$type<AccountId>(),
    /** What the domain's MTA-STS policy asks of other servers (RFC 8461). */
    mtaSts: text('mta_sts').$type<'none' | 'testing' | 'enforce'>().notNull().default('testing'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    verifiedAt: timestamp('verified_at', { withTimezone: true }),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), unique('domain_of_tenant').on(t.tenantId, t.name)],
)

/**
 * One subscriber, one mailbox. Name and address are sealed under the account's profile key; look-ups go by keyed hash
 * through `directory`. `state`: suspension in levels; `closing` until the grace ends, then `closed` with its keys destroyed.
 */
export const account = pgTable(
  'account',
  {
    tenantId: uuid('tenant_id')
      .$type<TenantId>()
      .notNull()
      .references(() => tenant.id),
    id: uuid('id').$type<AccountId>().notNull(),
    region: text('region')
      .$type<RegionId>()
      .notNull()
      .references(() => region.id),
    role: text('role').$type<'member' | 'admin'>().notNull().default('member'),
    state: text('state').$type<'provisioning' | 'active' | 'suspended' | 'closing' | 'closed'>().notNull(),
    mode: text('mode').$type<'managed' | 'sealed'>().notNull().default('managed'),
    /** JSON {address, name}, sealed under the profile key. Null once closed. */
    profileSealed: bytea('profile_sealed'),
    publicKey: bytea('public_key').notNull(),
    keyVersion: integer('key_version').notNull(),
    recoverDays: integer('recover_days').notNull(),
    quotaBytes: bigint('quota_bytes', { mode: 'number' }).notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    closingUntil: timestamp('closing_until', { withTimezone: true }),
    closedAt: timestamp('closed_at', { withTimezone: true }),
    /** Raised by whatever must end sessions: a new password, a suspension. Sessions carry the number they began with. */
    signInEpoch: integer('sign_in_epoch').notNull().default(1),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
)

/** What is unique everywhere: one row per address, by keyed hash only. A row without account is in quarantine until `freeAt`. */
export const directory = pgTable(
  'directory',
  {
    addressHash: bytea('address_hash').primaryKey(),
    tenantId: uuid('tenant_id')
      .$type<TenantId>()
      .notNull()
      .references(() => tenant.id),
    /** Null in quarantine, and where a group holds the address. */
    accountId: uuid('account_id').$type<AccountId>(),
    groupId: uuid('group_id').$type<GroupId>(),
    kind: text('kind').$type<'primary' | 'alias' | 'masked' | 'group'>().notNull(),
    domainId: uuid('domain_id').$type<DomainId>().notNull(),
    /** A masked address that its owner has switched off takes no mail. */
    blocked: boolean('blocked').notNull().default(false),
    /** JSON {address, label}: under the tenant key for an alias, under the owner's profile key for a masked address. */
    sealed: bytea('sealed'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    freeAt: timestamp('free_at', { withTimezone: true }),
  },
  (t) => [index('directory_account').on(t.tenantId, t.accountId)],
)
