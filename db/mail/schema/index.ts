import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytea } from '#db/types'
import type { AccountId, EmailId, FolderId, TenantId } from '#lib/ids'

/** One row per account: its document counter and its totals. Locked while messages come or go. */
export const mailbox = pgTable(
  'mailbox',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    accountId: uuid('account_id').$type<AccountId>().notNull(),
    /** The folder deliveries go to. */
    inboxId: uuid('inbox_id').$type<FolderId>().notNull(),
    /** Where deliveries go instead while the owner has an active Sieve script: a hidden folder, emptied by the filter worker. */
    intakeId: uuid('intake_id').$type<FolderId>(),
    nextDocument: bigint('next_document', { mode: 'number' }).notNull().default(1),
    /** UIDVALIDITY of the next folder: strictly greater for a folder made again, whatever the clock says (I-U3). */
    nextUidValidity: bigint('next_uid_validity', { mode: 'number' }).notNull(),
    usedBytes: bigint('used_bytes', { mode: 'number' }).notNull().default(0),
    messages: integer('messages').notNull().default(0),
    quotaBytes: bigint('quota_bytes', { mode: 'number' }).notNull(),
    recoverDays: integer('recover_days').notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.accountId] })],
)

/** A folder. Its name is sealed under the mailbox key and found by keyed hash. UIDs and mod-sequences come from this row, locked until commit. */
export const folder = pgTable(
  'folder',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    id: uuid('id').$type<FolderId>().notNull(),
    accountId: uuid('account_id').$type<AccountId>().notNull(),
    nameHash: bytea('name_hash').notNull(),
    nameSealed: bytea('name_sealed').notNull(),
    specialUse: text('special_use').$type<
      'inbox' | 'drafts' | 'sent' | 'junk' | 'trash' | 'archive' | 'intake' | 'quarantine'
    >(),
    subscribed: boolean('subscribed').notNull().default(true),
    uidValidity: bigint('uid_validity', { mode: 'number' }).notNull(),
    uidNext: bigint('uid_next', { mode: 'number' }).notNull().default(1),
    modseq: bigint('modseq', { mode: 'bigint' }).notNull().default(sql`1`),
    messages: integer('messages').notNull().default(0),
    unseen: integer('unseen').notNull().default(0),
    size: bigint('size', { mode: 'number' }).notNull().default(0),
    /** The mailbox access key of URLAUTH (RFC 4467 section 2.3), sealed; null until asked for. */
    urlKeySealed: bytea('url_key_sealed'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    unique('folder_name').on(t.tenantId, t.accountId, t.nameHash),
    foreignKey({
      columns: [t.tenantId, t.accountId],
      foreignColumns: [mailbox.tenantId, mailbox.accountId],
      name: 'folder_mailbox_fk',
    }),
  ],
)

/** The names of a folder's keywords, sealed; `bit` 8 to 31 of a message's flag word. */
export const keyword = pgTable(
  'keyword',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    folderId: uuid('folder_id').$type<FolderId>().notNull(),
    bit: smallint('bit').notNull(),
    nameHash: bytea('name_hash').notNull(),
    nameSealed: bytea('name_sealed').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.folderId, t.bit] }),
    unique('keyword_name').on(t.tenantId, t.folderId, t.nameHash),
    foreignKey({
      columns: [t.tenantId, t.folderId],
      foreignColumns: [folder.tenantId, folder.id],
      name: 'keyword_folder_fk',
    }).onDelete('cascade'),
  ],
)

/** The immutable content, once per account and message however many folders hold it. The message key lies wrapped beside it: one commit covers both. */
export const body = pgTable(
  'body',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    emailId: uuid('email_id').$type<EmailId>().notNull(),
    accountId: uuid('account_id').$type<AccountId>().notNull(),
    wrappedKey: bytea('wrapped_key').notNull(),
    /** Compressed, then sealed. */
    sealed: bytea('sealed').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.emailId] }),
    foreignKey({
      columns: [t.tenantId, t.accountId],
      foreignColumns: [mailbox.tenantId, mailbox.accountId],
      name: 'body_mailbox_fk',
    }),
  ],
)

/** The narrow, mutable row of a message in a folder. No index on modseq, so that flag updates stay in the page (HOT). */
export const message = pgTable(
  'message',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    folderId: uuid('folder_id').$type<FolderId>().notNull(),
    uid: bigint('uid', { mode: 'number' }).notNull(),
    emailId: uuid('email_id').$type<EmailId>().notNull(),
    document: bigint('document', { mode: 'number' }).notNull(),
    flags: integer('flags').notNull().default(0),
    modseq: bigint('modseq', { mode: 'bigint' }).notNull(),
    size: integer('size').notNull(),
    receivedAt: timestamp('received_at', { withTimezone: true }).notNull(),
    /** When it came into this folder (RFC 8514). */
    savedAt: timestamp('saved_at', { withTimezone: true }).notNull().default(sql`now()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.folderId, t.uid] }),
    index('message_email').on(t.tenantId, t.emailId),
    foreignKey({
      columns: [t.tenantId, t.folderId],
      foreignColumns: [folder.tenantId, folder.id],
      name: 'message_folder_fk',
    }),
    foreignKey({
      columns: [t.tenantId, t.emailId],
      foreignColumns: [body.tenantId, body.emailId],
      name: 'message_body_fk',
    }),
  ],
)

/** Envelope, structure, header fields and preview, sealed under the message key: written at delivery, lives until compacted into a page. */
export const metaRow = pgTable(
  'meta_row',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    folderId: uuid('folder_id').$type<FolderId>().notNull(),
    uid: bigint('uid', { mode: 'number' }).notNull(),
    sealed: bytea('sealed').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.folderId, t.uid] }),
    foreignKey({
      columns: [t.tenantId, t.folderId, t.uid],
      foreignColumns: [message.tenantId, message.folderId, message.uid],
      name: 'meta_message_fk',
    }).onDelete('cascade'),
  ],
)

/**
 * Metadata of up to 256 messages sealed together: ten times faster to read than as many rows, and never needed, since each message keeps its row.
 * A page that holds a message which went is deleted with it; the next reader makes a new one.
 */
export const metaPage = pgTable(
  'meta_page',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    folderId: uuid('folder_id').$type<FolderId>().notNull(),
    id: uuid('id').notNull(),
    firstUid: bigint('first_uid', { mode: 'number' }).notNull(),
    lastUid: bigint('last_uid', { mode: 'number' }).notNull(),
    /** The uids it holds, as runs. */
    uidRuns: bigint('uid_runs', { mode: 'number' }).array().notNull(),
    envelope: bytea('envelope').notNull(),
    bodystructure: bytea('bodystructure').notNull(),
    header: bytea('header').notNull(),
    preview: bytea('preview').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.folderId, t.id] }),
    index('meta_page_range').on(t.tenantId, t.folderId, t.lastUid),
    foreignKey({
      columns: [t.tenantId, t.folderId],
      foreignColumns: [folder.tenantId, folder.id],
      name: 'meta_page_folder_fk',
    }).onDelete('cascade'),
  ],
)

/** An annotation of a folder, or of the account where `folder_id` is null (RFC 5464); entry names and values are sealed. */
export const annotation = pgTable(
  'annotation',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    id: uuid('id').notNull(),
    accountId: uuid('account_id').$type<AccountId>().notNull(),
    folderId: uuid('folder_id').$type<FolderId>(),
    entryHash: bytea('entry_hash').notNull(),
    entrySealed: bytea('entry_sealed').notNull(),
    valueSealed: bytea('value_sealed').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    unique('annotation_entry').on(t.tenantId, t.accountId, t.folderId, t.entryHash).nullsNotDistinct(),
    foreignKey({
      columns: [t.tenantId, t.accountId],
      foreignColumns: [mailbox.tenantId, mailbox.accountId],
      name: 'annotation_mailbox_fk',
    }).onDelete('cascade'),
    foreignKey({
      columns: [t.tenantId, t.folderId],
      foreignColumns: [folder.tenantId, folder.id],
      name: 'annotation_folder_fk',
    }).onDelete('cascade'),
  ],
)

/** What another account of the tenant may do with a folder (RFC 4314). A nil uuid as grantee stands for anyone in the tenant. */
export const folderGrant = pgTable(
  'folder_grant',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    folderId: uuid('folder_id').$type<FolderId>().notNull(),
    granteeId: uuid('grantee_id').$type<AccountId>().notNull(),
    ownerId: uuid('owner_id').$type<AccountId>().notNull(),
    /** Letters of RFC 4314 section 2.1, in alphabetical order. */
    rights: text('rights').notNull(),
    /** Addresses of grantee and owner, sealed under the tenant key. */
    granteeSealed: bytea('grantee_sealed').notNull(),
    ownerSealed: bytea('owner_sealed').notNull(),
    /** The grantee listens to it (LSUB). */
    subscribed: boolean('subscribed').notNull().default(false),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.folderId, t.granteeId] }),
    index('folder_grant_grantee').on(t.tenantId, t.granteeId),
    foreignKey({
      columns: [t.tenantId, t.folderId],
      foreignColumns: [folder.tenantId, folder.id],
      name: 'grant_folder_fk',
    }).onDelete('cascade'),
  ],
)

/** A Sieve script (RFC 5228), name and content sealed under the mailbox's name key. At most one of an account is active. */
export const sieveScript = pgTable(
  'sieve_script',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    accountId: uuid('account_id').$type<AccountId>().notNull(),
    id: uuid('id').notNull(),
    nameHash: bytea('name_hash').notNull(),
    nameSealed: bytea('name_sealed').notNull(),
    sealed: bytea('sealed').notNull(),
    /** bytes of the script */
    size: integer('size').notNull(),
    active: boolean('active').notNull().default(false),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.accountId, t.id] }),
    unique('sieve_script_name').on(t.tenantId, t.accountId, t.nameHash),
    foreignKey({
      columns: [t.tenantId, t.accountId],
      foreignColumns: [mailbox.tenantId, mailbox.accountId],
      name: 'sieve_mailbox_fk',
    }).onDelete('cascade'),
  ],
)

/** A message that waits in the intake folder for its owner's Sieve script. The envelope it came with is sealed under the message key. */
export const intake = pgTable(
  'intake',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    accountId: uuid('account_id').$type<AccountId>().notNull(),
    folderId: uuid('folder_id').$type<FolderId>().notNull(),
    uid: bigint('uid', { mode: 'number' }).notNull(),
    envelopeSealed: bytea('envelope_sealed').notNull(),
    attempts: integer('attempts').notNull().default(0),
    arrivedAt: timestamp('arrived_at', { withTimezone: true }).notNull().default(sql`now()`),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.accountId, t.uid] }),
    foreignKey({
      columns: [t.tenantId, t.folderId, t.uid],
      foreignColumns: [message.tenantId, message.folderId, message.uid],
      name: 'intake_message_fk',
    }).onDelete('cascade'),
  ],
)

/** What a script remembers: whom vacation answered (RFC 5230 4.2), what duplicate has seen (RFC 7352). Keyed hashes only, and only for a time. */
export const sieveMemory = pgTable(
  'sieve_memory',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    accountId: uuid('account_id').$type<AccountId>().notNull(),
    kind: text('kind').$type<'vacation' | 'duplicate'>().notNull(),
    keyHash: bytea('key_hash').notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.accountId, t.kind, t.keyHash] }),
    foreignKey({
      columns: [t.tenantId, t.accountId],
      foreignColumns: [mailbox.tenantId, mailbox.accountId],
      name: 'sieve_memory_mailbox_fk',
    }).onDelete('cascade'),
  ],
)

/** What happened in a folder, append only: CHANGEDSINCE, VANISHED and every cache read from here. */
export const change = pgTable(
  'change',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    folderId: uuid('folder_id').$type<FolderId>().notNull(),
    modseq: bigint('modseq', { mode: 'bigint' }).notNull(),
    kind: text('kind').$type<'added' | 'flags' | 'expunged'>().notNull(),
    /** First and last uid of each run, in pairs. */
    uidRuns: bigint('uid_runs', { mode: 'number' }).array().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.folderId, t.modseq, t.kind] }),
    foreignKey({
      columns: [t.tenantId, t.folderId],
      foreignColumns: [folder.tenantId, folder.id],
      name: 'change_folder_fk',
    }).onDelete('cascade'),
  ],
)

/** A deleted message, recoverable until `purge_at`; then it goes with its body, metadata and key (promise P13). */
export const deletedMessage = pgTable(
  'deleted_message',
  {
    tenantId: uuid('tenant_id').$type<TenantId>().notNull(),
    accountId: uuid('account_id').$type<AccountId>().notNull(),
    document: bigint('document', { mode: 'number' }).notNull(),
    emailId: uuid('email_id').$type<EmailId>().notNull(),
    flags: integer('flags').notNull(),
    size: integer('size').notNull(),
    receivedAt: timestamp('received_at', { withTimezone: true }).notNull(),
    deletedAt: timestamp('deleted_at', { withTimezone: true }).notNull(),
    purgeAt: timestamp('purge_at', { withTimezone: true }).notNull(),
    metaSealed: bytea('meta_sealed').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.accountId, t.document] }),
    index('deleted_purge').on(t.tenantId, t.purgeAt),
    index('deleted_email').on(t.tenantId, t.emailId),
    foreignKey({
      columns: [t.tenantId, t.emailId],
      foreignColumns: [body.tenantId, body.emailId],
      name: 'deleted_body_fk',
    }),
  ],
)
