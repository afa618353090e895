import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject } from 'vitest'
import { connect, type Databases, openDatabases } from '#db/client'
import { setupDatabases } from '#db/setup'
import type { Clock } from '#lib/clock'
import { Fault } from '#lib/errors'
import type { AccountId, DomainId, RegionId, ResellerId, StaffId, TenantId } from '#lib/ids'
import { silentLog } from '#lib/log'
import { createMailCore, type MailCore, memoryKms, type RootKms } from '#mailcore/api'
import { createDirectoryCache } from '#server/directory-cache'
import { type Actor, type ServiceContext, SYSTEM } from '#server/services'
import { createAccount } from '#server/services/account/create'
import { addDomain } from '#server/services/domain/add'
import { createReseller } from '#server/services/reseller/create'
import { createStaff } from '#server/services/staff/create'
import { createOperator } from '#server/services/system/create-operator'
import { fsck } from '#server/services/system/fsck'
import { createTenant } from '#server/services/tenant/create'
import { type FakeDns, fakeDns } from '#tests/helpers/dns'

/** A password that passes the rules; the same for everyone in tests. */
export const PASSWORD = 'violet-Kettle-42-harbour'

export interface TestAccount {
  tenantId: TenantId
  accountId: AccountId
  region: RegionId
  address: string
  password: string
  actor: Extract<Actor, { kind: 'subscriber' | 'domain-admin' }>
}

export interface TestTenant {
  id: TenantId
  resellerId: ResellerId
  region: RegionId
}

export interface World {
  ctx: ServiceContext
  /** What `ctx.dns` answers; empty at first. */
  dns: FakeDns
  db: Databases
  core: MailCore
  kms: RootKms
  /** The mail core once more over the same databases and keys, as another process would have it. */
  secondCore(): MailCore
  /** Addresses of the login roles by the name of their setting, as a role would be given them. */
  urls: Readonly<Record<string, string>>
  /** Administrator's addresses of the two servers, for looking from outside. */
  adminUrls: { main: string; keys: string }
  prefix: string
  /** The key of address hashes. */
  lookupKey: Buffer
  clock: Clock & { advance(ms: number): void }
  makeOperator(): Promise<Extract<Actor, { kind: 'operator' }>>
  makeReseller(options?: {
    name?: string
    seats?: number
    domains?: number
    storageBytes?: number
  }): Promise<{ id: ResellerId; actor: Extract<Actor, { kind: 'reseller' }> }>
  makeTenant(options: {
    resellerId: ResellerId
    name?: string
    region?: string
    seats?: number
    domains?: number
    storageBytes?: number
    recoverDays?: number
  }): Promise<TestTenant>
  makeDomain(tenantId: TenantId, name?: string): Promise<{ id: DomainId; name: string }>
  makeAccount(
    tenant: TestTenant,
    options: { address: string; name?: string; role?: 'member' | 'admin' },
  ): Promise<TestAccount>
  /** A reseller with one tenant and one verified domain. */
  makeHouse(options?: { region?: string; seats?: number }): Promise<{
    reseller: { id: ResellerId; actor: Extract<Actor, { kind: 'reseller' }> }
    tenant: TestTenant
    domain: string
  }>
  /** Checks every invariant, then drops the databases. `check: false` where the test broke one on purpose. */
  close(options?: { check?: boolean }): Promise<void>
}

const REGIONS = [
  { id: 'eu', name: 'Europe', legalEntity: 'MailTight Test EU', jurisdiction: 'DE' },
  { id: 'ca', name: 'Canada', legalEntity: 'MailTight Test CA', jurisdiction: 'CA' },
]

/** A fresh set of databases on the servers of this test run, with the services over them. Close it in `afterAll`. */
export async function createWorld(): Promise<World> {
  const adminUrls = inject('adminUrls')
  const prefix = `t${randomBytes(5).toString('hex')}`
  const dir = mkdtempSync(join(tmpdir(), 'mt-world-'))
  const urls = await setupDatabases({
    adminUrls: { control: adminUrls.main, keys: adminUrls.keys, mail: { eu: adminUrls.main, ca: adminUrls.main } },
    regions: REGIONS,
    prefix,
    secretsFile: join(dir, 'passwords.json'),
    log: () => undefined,
  })
  const db = openDatabases(urls, { poolMax: 4, name: 'test' })
  const lookupKey = randomBytes(32)
  const kms = memoryKms()
  const makeCore = () => createMailCore({ db, kms, lookupKey, log: silentLog, hostname: 'mail.test' })
  const core = makeCore()
  const clock = movableClock()
  const directoryCache = createDirectoryCache({ db, keys: core.keys, log: silentLog })
  const dns = fakeDns()
  const site = { hostname: 'mail.test', webOrigin: 'https://mail.test' }
  const ctx: ServiceContext = { db, core, clock, log: silentLog, directoryCache, dns, site }
  return {
    ctx,
    dns,
    db,
    core,
    kms,
    secondCore: makeCore,
    urls,
    adminUrls,
    prefix,
    lookupKey,
    clock,
    ...makers(ctx),
    close: async ({ check = true } = {}) => {
      try {
        if (check) expect((await fsck(ctx, SYSTEM)).problems).toEqual([])
      } finally {
        await db.close()
        await dropDatabases(adminUrls, prefix)
        rmSync(dir, { recursive: true, force: true })
      }
    },
  }
}

function movableClock(): World['clock'] {
  let aheadMs = 0
  return {
    now: () => new Date(Date.now() + aheadMs),
    advance: (ms) => {
      aheadMs += ms
    },
  }
}

let made = 0

function makers(
  ctx: ServiceContext,
): Pick<World, 'makeOperator' | 'makeReseller' | 'makeTenant' | 'makeDomain' | 'makeAccount' | 'makeHouse'> {
  const makeOperator: World['makeOperator'] = async () => {
    const email = `operator${++made}@staff.example`
    const { id } = await createOperator(ctx, SYSTEM, { email, name: 'Op Erator', password: PASSWORD })
    return { kind: 'operator', staffId: id }
  }
  const makeReseller: World['makeReseller'] = async ({ name = 'Reseller', ...caps } = {}) => {
    const { id } = await createReseller(ctx, SYSTEM, { name, ...caps })
    const email = `reseller${++made}@staff.example`
    const staff: { id: StaffId } = await createStaff(ctx, SYSTEM, {
      resellerId: id,
      email,
      name: 'Re Seller',
      password: PASSWORD,
    })
    return { id, actor: { kind: 'reseller', staffId: staff.id, resellerId: id } }
  }
  const makeTenant: World['makeTenant'] = async ({ resellerId, name = 'Tenant', region = 'eu', ...caps }) => {
    const { id } = await createTenant(ctx, SYSTEM, { resellerId, name, region: region as RegionId, ...caps })
    return { id, resellerId, region: region as RegionId }
  }
  const makeDomain: World['makeDomain'] = async (tenantId, name = `d${++made}.example`) => {
    const domain = await addDomain(ctx, SYSTEM, { tenantId, name, verified: true })
    return { id: domain.id, name: domain.name }
  }
  const makeAccount: World['makeAccount'] = async (tenant, { address, name, role = 'member' }) => {
    const { id: accountId } = await createAccount(ctx, SYSTEM, {
      tenantId: tenant.id,
      address,
      name,
      password: PASSWORD,
      role,
    })
    const { id: tenantId, resellerId, region } = tenant
    const kind = role === 'admin' ? ('domain-admin' as const) : ('subscriber' as const)
    return {
      tenantId,
      accountId,
      region,
      address,
      password: PASSWORD,
      actor: { kind, accountId, tenantId, resellerId, region },
    }
  }
  const makeHouse: World['makeHouse'] = async ({ region, seats } = {}) => {
    const reseller = await makeReseller()
    const tenant = await makeTenant({ resellerId: reseller.id, region, seats })
    const { name } = await makeDomain(tenant.id)
    return { reseller, tenant, domain: name }
  }
  return { makeOperator, makeReseller, makeTenant, makeDomain, makeAccount, makeHouse }
}

async function dropDatabases(adminUrls: World['adminUrls'], prefix: string): Promise<void> {
  for (const url of [adminUrls.main, adminUrls.keys]) {
    const admin = connect(url, { max: 1, name: 'drop' })
    try {
      const found = await admin<
        { datname: string }[]
      >`select datname from pg_database where datname like ${`${prefix}\\_%`}`
      for (const { datname } of found) await admin.unsafe(`drop database "${datname}" with (force)`)
      const roles = await admin<
        { rolname: string }[]
      >`select rolname from pg_roles where rolname like ${`${prefix}\\_%`}`
      for (const { rolname } of roles) await admin.unsafe(`drop role "${rolname}"`)
    } finally {
      await admin.end({ timeout: 5 })
    }
  }
}

/** The code of the Fault that `work` ends with; fails the test when it ends well or with another error. */
export async function faultOf(work: Promise<unknown>): Promise<Fault> {
  try {
    await work
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('expected a refusal, and there was none')
}
