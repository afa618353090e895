/**
 * Who may see which rows, as data: every table of every database stands here, and a test compares the list with the catalogue.
 * `rows` is the condition under which the app's role sees and writes a row; `null` means never. Commands not granted are refused before any policy is asked.
 */
export interface TableRule {
  table: string
  app: {
    grant: string
    rows: string | null
    /** What a row must be to be written, where that is less than may be seen. */
    check?: string
  }
  /** The role that looks across tenants: what it may do, where it may at all. */
  system?: string
  /** The delivery role: what it may do, column by column. */
  delivery?: readonly string[]
  /** Where a table holds nothing of a tenant, why it needs no row condition. Reviewed. */
  shared?: string
}

const TENANT = "nullif(current_setting('app.tenant_id', true), '')::uuid"
const RESELLER = "nullif(current_setting('app.reseller_id', true), '')::uuid"
const ofTenant = `tenant_id = ${TENANT}`
const ofTenantOrReseller = `(${ofTenant} or tenant_id in (select t.id from tenant t where t.reseller_id = ${RESELLER}))`
const ALL = 'select, insert, update, delete'
/** What is counted or capped is named by the id of an account, a tenant or a reseller. */
const ofScope = `(scope_id = ${TENANT} or scope_id = ${RESELLER} or scope_id in (select a.id from account a where a.tenant_id = ${TENANT})
  or scope_id in (select t.id from tenant t where t.reseller_id = ${RESELLER}))`
const ofTenantOrOwnReseller = `(tenant_id = ${TENANT} or (tenant_id is null and reseller_id = ${RESELLER}))`
/** A row that names tenant and reseller: both must be the writer's, or one could put a line into another's ledger. */
const ofTenantAndItsReseller = (
  table: string,
) => `(case when ${table}.tenant_id is null then ${table}.reseller_id = ${RESELLER}
  else exists (select 1 from tenant t where t.id = ${table}.tenant_id and t.reseller_id = ${table}.reseller_id) end)`

export const CONTROL_RULES: readonly TableRule[] = [
  {
    table: 'region',
    app: { grant: 'select', rows: 'true' },
    system: ALL,
    shared: 'names of regions, public on the site',
  },
  { table: 'reseller', app: { grant: 'select', rows: `id = ${RESELLER}` }, system: ALL },
  {
    table: 'tenant',
    app: { grant: 'select, insert, update', rows: `(id = ${TENANT} or reseller_id = ${RESELLER})` },
    system: ALL,
  },
  { table: 'domain', app: { grant: ALL, rows: ofTenantOrReseller }, system: ALL },
  { table: 'account', app: { grant: 'select, insert, update', rows: ofTenantOrReseller }, system: ALL },
  { table: 'directory', app: { grant: ALL, rows: ofTenant }, system: ALL },
  { table: 'credential', app: { grant: ALL, rows: ofTenant }, system: 'select' },
  // The sweep of expired tokens looks across tenants.
  { table: 'access_token', app: { grant: ALL, rows: ofTenant }, system: 'select, delete' },
  {
    table: 'staff',
    app: { grant: 'select, insert, update', rows: `(reseller_id = ${RESELLER} and kind = 'reseller')` },
    system: ALL,
  },
  {
    table: 'session',
    // A session of staff is more than any tenant's: no tenant's scope may make one.
    app: { grant: ALL, rows: `(${ofTenant} and kind = 'account' and staff_id is null)` },
    system: ALL,
  },
  {
    table: 'audit',
    app: {
      grant: 'select, insert',
      rows: `(${ofTenant} or reseller_id = ${RESELLER})`,
      check: ofTenantAndItsReseller('audit'),
    },
    system: 'select, insert',
  },
  {
    table: 'intent',
    app: {
      grant: 'select, insert, update',
      rows: `(${ofTenant} or reseller_id = ${RESELLER})`,
      check: ofTenantAndItsReseller('intent'),
    },
    system: 'select, insert, update',
  },
  { table: 'sign_in_failure', app: { grant: 'select', rows: null }, system: ALL },
  { table: 'address_group', app: { grant: ALL, rows: ofTenant }, system: 'select' },
  { table: 'group_member', app: { grant: ALL, rows: ofTenant }, system: 'select' },
  { table: 'sender_rule', app: { grant: ALL, rows: ofTenantOrOwnReseller }, system: ALL },
  { table: 'mail_policy', app: { grant: ALL, rows: ofTenantOrReseller }, system: 'select' },
  { table: 'dkim_key', app: { grant: ALL, rows: ofTenantOrReseller }, system: ALL },
  { table: 'dns_check', app: { grant: ALL, rows: ofTenantOrReseller }, system: ALL },
  {
    table: 'log_key',
    app: { grant: 'select', rows: 'true' },
    system: ALL,
    shared: 'public keys, one for all logs of a day',
  },
  { table: 'send_count', app: { grant: 'select', rows: ofScope }, system: ALL },
  { table: 'send_freeze', app: { grant: ALL, rows: ofTenantOrOwnReseller }, system: ALL },
  { table: 'send_cap', app: { grant: ALL, rows: ofTenantOrOwnReseller }, system: ALL },
  { table: 'sending_pool', app: { grant: 'select', rows: null }, system: ALL, shared: 'addresses of our own hosts' },
  { table: 'pool_of_reseller', app: { grant: 'select', rows: `reseller_id = ${RESELLER}` }, system: ALL },
  {
    table: 'report_sent',
    app: { grant: 'select', rows: null },
    system: ALL,
    shared: 'which reports went out, by keyed hash',
  },
]

export const KEYS_RULES: readonly TableRule[] = [
  { table: 'wrapped_key', app: { grant: ALL, rows: `scope_id = ${TENANT}` } },
]

export const MAIL_RULES: readonly TableRule[] = [
  {
    table: 'mailbox',
    app: { grant: ALL, rows: ofTenant },
    delivery: ['select', 'update (next_document, used_bytes, messages)'],
  },
  {
    table: 'folder',
    app: { grant: ALL, rows: ofTenant },
    delivery: [
      'select (tenant_id, id, account_id, special_use, uid_next, modseq, messages, unseen, size)',
      'update (uid_next, modseq, messages, unseen, size)',
    ],
  },
  { table: 'keyword', app: { grant: ALL, rows: ofTenant } },
  { table: 'body', app: { grant: ALL, rows: ofTenant }, delivery: ['insert'] },
  { table: 'message', app: { grant: ALL, rows: ofTenant }, delivery: ['insert'] },
  { table: 'meta_row', app: { grant: ALL, rows: ofTenant }, delivery: ['insert'] },
  { table: 'meta_page', app: { grant: ALL, rows: ofTenant } },
  { table: 'annotation', app: { grant: ALL, rows: ofTenant } },
  { table: 'folder_grant', app: { grant: ALL, rows: ofTenant } },
  { table: 'sieve_script', app: { grant: ALL, rows: ofTenant } },
  // The filter worker finds out over all tenants whose mail waits, and no more than that.
  {
    table: 'intake',
    app: { grant: ALL, rows: ofTenant },
    system: 'select (tenant_id, account_id, arrived_at)',
    delivery: ['insert'],
  },
  { table: 'sieve_memory', app: { grant: ALL, rows: ofTenant } },
  { table: 'change', app: { grant: 'select, insert, delete', rows: ofTenant }, delivery: ['insert'] },
  { table: 'deleted_message', app: { grant: ALL, rows: ofTenant } },
  { table: 'outbound', app: { grant: 'select', rows: ofTenant }, system: ALL, delivery: ['insert'] },
  { table: 'outbound_recipient', app: { grant: 'select', rows: ofTenant }, system: ALL, delivery: ['insert'] },
  {
    table: 'accepted',
    app: { grant: 'select, insert, delete', rows: ofTenant },
    system: 'select, delete',
    delivery: ['insert', 'select', 'update (accepted_at)'],
  },
  {
    table: 'greylist',
    app: { grant: 'select, delete', rows: ofTenant },
    system: 'select, delete',
    delivery: ['insert', 'select', 'update'],
  },
  { table: 'delivery_rule', app: { grant: ALL, rows: ofTenant } },
  {
    table: 'quarantined',
    app: { grant: ALL, rows: ofTenant },
    system: 'select (tenant_id, account_id, folder_id, uid, arrived_at)',
    delivery: ['insert'],
  },
  {
    table: 'destination',
    app: { grant: 'select', rows: null },
    system: ALL,
    shared: 'remote domains by keyed hash: whether they take mail, and the policies they publish',
  },
  { table: 'suppression', app: { grant: ALL, rows: ofTenant }, system: ALL },
  { table: 'trace_key', app: { grant: 'select', rows: ofTenant }, system: ALL, delivery: ['insert'] },
  { table: 'trace', app: { grant: 'select', rows: ofTenant }, system: ALL, delivery: ['insert'] },
  { table: 'receipt', app: { grant: 'select, delete', rows: ofTenant }, delivery: ['insert'] },
  { table: 'report', app: { grant: ALL, rows: ofTenant }, system: 'select, delete' },
]
