import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, openDatabases, type Sql } from '#db/client'
import { setupDatabases } from '#db/setup'
import { systemClock } from '#lib/clock'
import { newKey } from '#lib/crypto/aead'
import { sha256 } from '#lib/crypto/hash'
import { type AccountId, newId, type RegionId, type ResellerId, type StaffId, type TenantId } from '#lib/ids'
import { silentLog } from '#lib/log'
import { createMailCore, memoryKms } from '#mailcore/api'
import { createDirectoryCache } from '#server/directory-cache'
import { type Actor, type ServiceContext, SYSTEM } from '#server/services'
import { createAccount } from '#server/services/account/create'
import { createGroup } from '#server/services/address/group'
import { createAccessToken } from '#server/services/credential/create-access-token'
import { createAppPassword } from '#server/services/credential/create-app-password'
import { addDomain } from '#server/services/domain/add'
import { createReseller } from '#server/services/reseller/create'
import { startSession } from '#server/services/session/start-session'
import { createStaff } from '#server/services/staff/create'
import { createOperator } from '#server/services/system/create-operator'
import { createTenant } from '#server/services/tenant/create'
import { fakeDns } from '#tests/helpers/dns'

const SITE = { hostname: 'mail.test', webOrigin: 'https://mail.test' }

export const PASSWORD = 'correct horse matrix staple'

export interface MatrixTenant {
  resellerId: ResellerId
  tenantId: TenantId
  domainId: string
  domain: string
  admin: AccountId
  one: AccountId
  two: AccountId
  suspended: AccountId
  keeper: AccountId
  /** A distribution list */
  groupId: string
}

/** Reseller P with tenants A and C, reseller Q with tenant B; each tenant with a domain, an admin and four subscribers. */
export interface MatrixWorld {
  ctx: ServiceContext
  a: MatrixTenant
  b: MatrixTenant
  /** A second tenant of reseller P. */
  c: MatrixTenant
  /** An app password, an access token and a session of a person in A and in B whom no role of the matrix is. */
  credentials: { a: string; b: string }
  tokens: { a: string; b: string }
  sessions: { a: string; b: string }
  staff: { operator: StaffId; p: StaffId; q: StaffId }
  region: RegionId
  /** The owner of the control database: sees every row of every table. */
  sql: Sql
  close(): Promise<void>
}

const REGION = { id: 'eu', name: 'Frankfurt', legalEntity: 'Test', jurisdiction: 'Test' }

/** Makes databases of its own on the run's servers and fills them through the services alone. */
export async function createMatrixWorld(adminUrls: { main: string; keys: string }): Promise<MatrixWorld> {
  const prefix = `matrix_${newId().slice(-12)}`
  const urls = await setupDatabases({
    adminUrls: { control: adminUrls.main, keys: adminUrls.keys, mail: { eu: adminUrls.main } },
    regions: [REGION],
    prefix,
    secretsFile: join(mkdtempSync(join(tmpdir(), 'mt-matrix-')), 'secrets'),
    log: () => undefined,
  })
  const db = openDatabases(urls, { poolMax: 4, name: 'matrix' })
  const core = createMailCore({ db, kms: memoryKms(), lookupKey: newKey(), log: silentLog, hostname: 'localhost' })
  const directoryCache = createDirectoryCache({ db, keys: core.keys, log: silentLog })
  const ctx: ServiceContext = {
    db,
    core,
    clock: systemClock,
    log: silentLog,
    directoryCache,
    dns: fakeDns(),
    site: SITE,
  }
  const admin = new URL(adminUrls.main)
  admin.pathname = `/${prefix}_control`
  const sql = connect(admin.toString(), { max: 1, name: 'matrix digest' })
  const p = await createReseller(ctx, SYSTEM, { name: 'Reseller P' })
  const q = await createReseller(ctx, SYSTEM, { name: 'Reseller Q' })
  const a = await makeTenant(ctx, p.id, 'a.example')
  const b = await makeTenant(ctx, q.id, 'b.example')
  const c = await makeTenant(ctx, p.id, 'c.example')
  const staffOf = async (resellerId: ResellerId, email: string) =>
    (await createStaff(ctx, SYSTEM, { resellerId, email, password: PASSWORD })).id
  const staff = {
    operator: (await createOperator(ctx, SYSTEM, { email: 'desk@house.example', password: PASSWORD })).id,
    p: await staffOf(p.id, 'staff@p.example'),
    q: await staffOf(q.id, 'staff@q.example'),
  }
  const close = async () => {
    await sql.end({ timeout: 5 })
    await db.close()
  }
  const [ofA, ofB] = [await belongings(ctx, a), await belongings(ctx, b)]
  const credentials = { a: ofA.credential, b: ofB.credential }
  const tokens = { a: ofA.token, b: ofB.token }
  const sessions = { a: ofA.session, b: ofB.session }
  return { ctx, a, b, c, credentials, tokens, sessions, staff, region: 'eu' as RegionId, sql, close }
}

async function belongings(
  ctx: ServiceContext,
  t: MatrixTenant,
): Promise<{ credential: string; token: string; session: string }> {
  const { tenantId, keeper: accountId, resellerId } = t
  const region = 'eu' as RegionId
  const actor: Actor = { kind: 'subscriber', tenantId, accountId, resellerId, region }
  const { id } = await createAppPassword(ctx, actor, { tenantId, accountId, label: 'phone' })
  const made = await createAccessToken(ctx, actor, { tenantId, accountId, label: 'script', hours: 1 })
  const { token } = await startSession(
    ctx,
    { kind: 'account', tenantId, accountId, region, epoch: 1 },
    'Firefox on Linux',
  )
  return { credential: id, token: made.id, session: sha256(token).toString('hex') }
}

async function makeTenant(ctx: ServiceContext, resellerId: ResellerId, domain: string): Promise<MatrixTenant> {
  const { id: tenantId } = await createTenant(ctx, SYSTEM, {
    resellerId,
    name: `Tenant of ${domain}`,
    region: 'eu' as RegionId,
  })
  const { id: domainId } = await addDomain(ctx, SYSTEM, { tenantId, name: domain, verified: true })
  const person = async (local: string, role: 'member' | 'admin' = 'member') =>
    (await createAccount(ctx, SYSTEM, { tenantId, address: `${local}@${domain}`, password: PASSWORD, role })).id
  const admin = await person('admin', 'admin')
  const { id: groupId } = await createGroup(
    ctx,
    { kind: 'domain-admin', tenantId, accountId: admin, resellerId, region: 'eu' as RegionId },
    { tenantId, kind: 'list', address: `list@${domain}`, name: 'List', description: '', posting: 'tenant' },
  )
  return {
    resellerId,
    tenantId,
    domainId,
    domain,
    admin,
    groupId,
    one: await person('one'),
    two: await person('two'),
    suspended: await person('suspended'),
    keeper: await person('keeper'),
  }
}

/** The actor of an account or member of staff, as a session would make it. */
export const actors = (w: MatrixWorld) => {
  const account = (t: MatrixTenant, accountId: AccountId, kind: 'subscriber' | 'domain-admin'): Actor => ({
    kind,
    tenantId: t.tenantId,
    accountId,
    resellerId: t.resellerId,
    region: w.region,
  })
  return {
    anonymous: null,
    'suspended subscriber': null,
    'subscriber A1': account(w.a, w.a.one, 'subscriber'),
    'subscriber A2': account(w.a, w.a.two, 'subscriber'),
    'domain admin A': account(w.a, w.a.admin, 'domain-admin'),
    'domain admin B': account(w.b, w.b.admin, 'domain-admin'),
    'reseller P': { kind: 'reseller', staffId: w.staff.p, resellerId: w.a.resellerId },
    'reseller Q': { kind: 'reseller', staffId: w.staff.q, resellerId: w.b.resellerId },
    operator: { kind: 'operator', staffId: w.staff.operator },
  } as const satisfies Record<string, Actor | null>
}

export type RoleName = keyof ReturnType<typeof actors>

/**
 * A digest of every row of every control table. Left out: what a refused call may add (audit and intent rows of outcome `refused`) and
 * the minute a session was last seen.
 */
export async function digestOf(sql: Sql): Promise<string> {
  const tables = await sql<{ name: string }[]>`
    select table_name "name" from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`
  const parts = tables.map(({ name }) => {
    const row = name === 'session' ? "(to_jsonb(t) - 'last_seen_at')" : 'to_jsonb(t)'
    const where = name === 'audit' ? "where t.outcome <> 'refused'" : ''
    return `select '${name}' n, coalesce(md5(string_agg(md5(${row}::text), '' order by md5(${row}::text))), '') d from "${name}" t ${where}`
  })
  const rows = await sql.unsafe<{ n: string; d: string }[]>(parts.join(' union all '))
  return rows
    .map((row) => `${row.n}=${row.d}`)
    .sort()
    .join('\n')
}
