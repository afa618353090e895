import { sql as fragment } from 'drizzle-orm'
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import * as controlSchema from '#db/control/schema/index'
import { Lanes, type Statement, type Writer } from '#db/pipeline'
import { Fault } from '#lib/errors'
import { isUuid, type RegionId, type ResellerId, type TenantId } from '#lib/ids'

/** URLs of the databases by the name of their setting; a role is given only those it needs. */
export type RoleUrls = Readonly<Record<string, string | undefined>>

export type { RawRows, RowsOf, Statement, Writer } from '#db/pipeline'

export type Sql = postgres.Sql<{ bigint: number }>
/** A transaction in the key or a mail database. */
export type Tx = postgres.TransactionSql<{ bigint: number }>
/** A transaction in the control database, with its schema. */
export type ControlTx = Parameters<Parameters<PostgresJsDatabase<typeof controlSchema>['transaction']>[0]>[0]

/** Why a statement may look across tenants. Each reason is counted by name. */
export type SystemReason =
  | 'operator desk'
  | 'staff sign-in'
  | 'region list'
  | 'intent sweep'
  | 'tenant sweep'
  | 'queue'
  | 'session sweep'
  | 'fsck'
  | 'seed'

/**
 * Options for postgres.js from a URL. A socket directory stands in `?host=`, as libpq writes it:
 * `postgres://user:password@localhost/name?host=/dir&port=5432`.
 */
export function connectionOptions(url: string): {
  host: string
  port: number
  user: string
  password: string
  database: string
} {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    throw new Fault('BAD_REQUEST', 'The database address is not a URL like postgres://user:password@host:5432/name.')
  }
  return {
    host: parsed.searchParams.get('host') ?? decodeURIComponent(parsed.hostname),
    port: Number(parsed.searchParams.get('port') ?? (parsed.port || 5432)),
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    database: decodeURIComponent(parsed.pathname.slice(1)),
  }
}

/** A pool of at most `max` connections. int8 arrives as number: uids, sizes and mod-sequences stay far below 2^53. */
export function connect(url: string, options: { max: number; name: string; onClose?: () => void }): Sql {
  return postgres({
    ...connectionOptions(url),
    max: options.max,
    idle_timeout: 300,
    connect_timeout: 5,
    max_lifetime: null,
    connection: { application_name: `mailtight ${options.name}` },
    onnotice: () => undefined,
    onclose: () => options.onClose?.(),
    backoff: (retries) => Math.min(0.05 * 2 ** retries, 2),
    types: {
      bigint: { to: 20, from: [20], serialize: (n: number) => String(n), parse: (text: string) => Number(text) },
    },
  })
}

const SCOPE = { tenant: 'app.tenant_id', reseller: 'app.reseller_id' } as const

/** `SET LOCAL`, not set_config: it is what a distributed PostgreSQL carries to its workers. It takes no parameter, so the id is checked first. */
function setLocal(scope: keyof typeof SCOPE, id: string): string {
  if (!isUuid(id)) throw new Fault('NOT_FOUND', 'There is no such object.', { internal: 'scope is no uuid' })
  return `set local ${SCOPE[scope]} = '${id}'`
}

export interface ControlDatabase {
  /** Runs `work` in one transaction that sees this tenant's rows only. */
  withTenant<R>(tenant: TenantId, work: (tx: ControlTx) => Promise<R>): Promise<R>
  /** Runs `work` in one transaction that sees this reseller's rows and those of its tenants. */
  withReseller<R>(reseller: ResellerId, work: (tx: ControlTx) => Promise<R>): Promise<R>
  /** Runs `work` over all tenants, under a role of its own; the reason is counted. */
  withSystem<R>(reason: SystemReason, work: (tx: ControlTx) => Promise<R>): Promise<R>
  /** The connection of the look-up role, which may only call the functions of db/unsafe. */
  readonly lookup: Sql
}

export interface MailDatabase {
  readonly region: RegionId
  withTenant<R>(tenant: TenantId, work: (tx: Tx) => Promise<R>): Promise<R>
  /**
   * One transaction over this tenant's rows, sent whole: BEGIN, scope, the statements and COMMIT travel together and cost one round trip. Statements
   * see what those before them did, and `for update` holds to the commit. Resolves after the commit was confirmed; any failure undoes all.
   * `build` must write its statements without waiting for anything. `snapshot`: read only, and all of them see one moment.
   */
  pipeline<const T extends readonly Statement<unknown>[]>(
    tenant: TenantId,
    build: (sql: Writer) => T,
    options?: { snapshot?: boolean },
  ): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }>
  /**
   * One transaction of the delivery role, in two trips: BEGIN with the statements of `first`, then what `then` makes of their answers, with COMMIT. What
   * `then` throws undoes all and is thrown on. Both must write their statements without waiting for anything.
   */
  deliver<const T extends readonly Statement<unknown>[]>(
    first: (sql: Writer) => T,
    then: (answers: { -readonly [K in keyof T]: Awaited<T[K]> }, sql: Writer) => readonly Statement<unknown>[],
  ): Promise<void>
  /** Inserts for any tenant, reads no body. */
  withDelivery<R>(work: (tx: Tx) => Promise<R>): Promise<R>
  /** The outbound queue, over all tenants. */
  withQueue<R>(work: (tx: Tx) => Promise<R>): Promise<R>
  /** Calls `listener` with the payload of every notification on `channel`; resolves once listening. `onGap` after a reconnect, when some may have been missed. */
  listen(channel: string, listener: (payload: string) => void, onGap?: () => void): Promise<() => Promise<void>>
}

export interface Databases {
  readonly control: ControlDatabase
  /** Runs `work` on the keys of one scope: a tenant, or a reseller. */
  withKeys<R>(scope: TenantId | ResellerId, work: (tx: Tx) => Promise<R>): Promise<R>
  mail(region: RegionId): MailDatabase
  readonly regions: readonly RegionId[]
  listenControl(channel: string, listener: (payload: string) => void, onGap?: () => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

const counted = new Map<SystemReason, number>()
/** How often each reason to look across tenants was used by this process. */
export const systemUse = (): ReadonlyMap<SystemReason, number> => counted

/** Opens the databases whose URLs are given; touching one whose URL is missing throws, so that a role alone cannot reach further than its settings. */
export function openDatabases(urls: RoleUrls, options: { poolMax?: number; name?: string } = {}): Databases {
  const max = options.poolMax ?? 8
  const pools = new Map<string, Sql>()
  const urlOf = (setting: string): string => {
    const url = urls[setting]
    if (!url) throw new Fault('INTERNAL', 'This process may not reach that database.', { internal: `no ${setting}` })
    return url
  }
  const pool = (setting: string): Sql => {
    const url = urlOf(setting)
    let found = pools.get(setting)
    if (!found) {
      found = connect(url, { max, name: options.name ?? 'role' })
      pools.set(setting, found)
    }
    return found
  }
  const lanes = new Map<string, Lanes>()
  /** For a database that transactions are sent to whole: half as many connections again, opened when needed. */
  const lanesTo = (setting: string): Lanes => {
    let found = lanes.get(setting)
    if (!found) {
      const url = urlOf(setting)
      const open = (onClose: () => void) => connect(url, { max: 1, name: options.name ?? 'role', onClose })
      found = new Lanes(open, Math.ceil(max / 2))
      lanes.set(setting, found)
    }
    return found
  }
  const control = new Map<string, PostgresJsDatabase<typeof controlSchema>>()
  const controlDb = (setting: string) => {
    let found = control.get(setting)
    if (!found) {
      found = drizzle(pool(setting), { schema: controlSchema })
      control.set(setting, found)
    }
    return found
  }
  const scoped = <R>(setting: string, statement: string, work: (tx: ControlTx) => Promise<R>): Promise<R> =>
    controlDb(setting).transaction(async (tx) => {
      await tx.execute(fragment.raw(statement))
      return work(tx)
    })
  // postgres.js resolves nested promises of results; `begin` therefore types its result loosely.
  const begin = async <R>(setting: string, statement: string | null, work: (tx: Tx) => Promise<R>): Promise<R> => {
    let result: { value: R } | undefined
    await pool(setting).begin(async (tx) => {
      // Sent now (a query of postgres.js otherwise waits to be awaited) but not waited for: it travels in the same packet as the first statement of `work`.
      const scope = statement === null ? undefined : tx.unsafe(statement).simple().execute()
      const [, value] = await Promise.all([scope, work(tx)])
      result = { value }
    })
    if (!result) throw new Fault('INTERNAL', 'The transaction did not finish.')
    return result.value
  }
  const listen = async (setting: string, channel: string, listener: (payload: string) => void, onGap?: () => void) => {
    let first = true
    const subscription = await pool(setting).listen(channel, listener, () => {
      if (!first) onGap?.()
      first = false
    })
    return () => subscription.unlisten()
  }
  const mailSetting = (region: RegionId, role: string) => `MAIL_${region.toUpperCase()}_${role}_URL`
  const regions = Object.keys(urls)
    .map((name) => /^MAIL_([A-Z0-9_]+)_(?:APP|DELIVERY|SYSTEM)_URL$/.exec(name)?.[1])
    .filter((name): name is string => name !== undefined)
  return {
    control: {
      withTenant: (tenant, work) => scoped('CONTROL_APP_URL', setLocal('tenant', tenant), work),
      withReseller: (reseller, work) => scoped('CONTROL_APP_URL', setLocal('reseller', reseller), work),
      withSystem: (reason, work) => {
        counted.set(reason, (counted.get(reason) ?? 0) + 1)
        return controlDb('CONTROL_SYSTEM_URL').transaction(work)
      },
      get lookup() {
        return pool('CONTROL_LOOKUP_URL')
      },
    },
    withKeys: (scope, work) => begin('KEYS_APP_URL', setLocal('tenant', scope), work),
    mail: (region) => ({
      region,
      withTenant: (tenant, work) => begin(mailSetting(region, 'APP'), setLocal('tenant', tenant), work),
      pipeline: async (tenant, build, options) =>
        lanesTo(mailSetting(region, 'APP')).run(setLocal('tenant', tenant), build, options),
      deliver: async (first, then) => lanesTo(mailSetting(region, 'DELIVERY')).runTwice(first, then),
      withDelivery: (work) => begin(mailSetting(region, 'DELIVERY'), null, work),
      withQueue: (work) => begin(mailSetting(region, 'SYSTEM'), null, work),
      listen: (channel, listener, onGap) =>
        listen(
          urls[mailSetting(region, 'APP')] ? mailSetting(region, 'APP') : mailSetting(region, 'SYSTEM'),
          channel,
          listener,
          onGap,
        ),
    }),
    regions: [...new Set(regions)].map((name) => name.toLowerCase() as RegionId),
    listenControl: (channel, listener, onGap) => listen('CONTROL_LOOKUP_URL', channel, listener, onGap),
    close: async () => {
      await Promise.all([
        ...[...pools.values()].map((one) => one.end({ timeout: 5 })),
        ...[...lanes.values()].map((one) => one.close()),
      ])
    },
  }
}
