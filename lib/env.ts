import { join, resolve } from 'node:path'
import { Fault } from '#lib/errors'
import type { RegionId } from '#lib/ids'
import { parseDatabaseUrl } from '#lib/settings/database-url'
import { type Environment, projectRoot, readEnvironment } from '#lib/settings/env-file'
import { type MailSettings, parseMailSettings } from '#lib/settings/mail'
import { parseRegions, type RegionSetting } from '#lib/settings/regions'
import { parseRoutes, type Route } from '#lib/settings/routes'

/** Every TCP port, before MAILTIGHT_PORT_OFFSET is added. */
export const DEFAULT_PORTS = {
  https: 8443,
  http: 8080,
  mx: 2525,
  lmtp: 2424,
  submission: 2587,
  submissions: 2465,
  imap: 2143,
  imaps: 2993,
  pop3: 2110,
  pop3s: 2995,
  sieve: 4190,
  metrics: 9464,
} as const

export type PortName = keyof typeof DEFAULT_PORTS
export type Ports = Readonly<Record<PortName, number>>

/** What a login role of a database is for; see db/policies. */
export type DatabaseDoor = 'CONTROL_APP_URL' | 'CONTROL_LOOKUP_URL' | 'CONTROL_SYSTEM_URL' | 'KEYS_APP_URL'
export type MailDoor = 'APP' | 'DELIVERY' | 'SYSTEM'

/** The whole environment, read once. Each process has only the addresses and key files that its role may hold. */
export interface Settings {
  /** Directory of the installation. */
  readonly root: string
  /** MAILTIGHT_HOME, absolute: everything this instance keeps. */
  readonly home: string
  /** Address on which every listener listens. */
  readonly bind: string
  readonly ports: Ports
  readonly portOffset: number
  /** Name of this host in greetings, certificates and links. */
  readonly hostname: string
  /** Where browsers find the web role, without a slash at the end. */
  readonly webUrl: string
  /** True lifts network limits for 127.0.0.0/8; only ever true while `bind` is a loopback address. */
  readonly benchLimits: boolean
  readonly regions: readonly RegionSetting[]
  /** Hosts that take the mail of a domain in place of those in the DNS. */
  readonly routes: ReadonlyMap<string, Route>
  readonly mail: MailSettings
  /** Addresses of the databases by the name of their setting; passwords inside: never log. */
  readonly urls: Readonly<Record<string, string>>
  /** Addresses of an administrator, where the databases are not embedded ones. */
  readonly adminUrls: {
    readonly control: string | undefined
    readonly keys: string | undefined
    readonly mail: Readonly<Record<string, string | undefined>>
  }
  /** Names of databases and login roles begin with it. */
  readonly databasePrefix: string
  readonly keyFiles: { readonly root: string; readonly lookup: string }
  readonly tls: {
    readonly certFile: string
    readonly keyFile: string
    /** Is it the operator's own, rather than one we make? */
    readonly own: boolean
  }
  readonly seedDemo: boolean
  readonly files: { readonly state: string; readonly demo: string; readonly secrets: string }
}

function parseOffset(name: string, text: string | undefined): number {
  const value = Number(text ?? '0')
  const most = 65_535 - Math.max(...Object.values(DEFAULT_PORTS))
  if (!Number.isInteger(value) || value < -1_000 || value > most) {
    throw new Fault('BAD_REQUEST', `${name} must be a whole number from -1000 to ${most}; it is "${text}".`)
  }
  return value
}

/** Is this an address that only this machine can reach? */
export const isLoopback = (bind: string): boolean =>
  bind === 'localhost' || bind === '::1' || /^127(\.\d+){3}$/.test(bind)

function databaseUrl(env: Environment, name: string): string | undefined {
  const text = env[name]
  if (text === undefined) return undefined
  try {
    parseDatabaseUrl(text)
  } catch (cause) {
    throw new Fault('BAD_REQUEST', `${name} must look like postgres://user:password@host:5432/name.`, { cause })
  }
  return text
}

function parsePorts(offset: number): Ports {
  return Object.freeze(
    Object.fromEntries(Object.entries(DEFAULT_PORTS).map(([name, value]) => [name, value + offset])) as Record<
      PortName,
      number
    >,
  )
}

function parseUrls(env: Environment, regions: readonly RegionSetting[]): Record<string, string> {
  const doors = ['CONTROL_APP_URL', 'CONTROL_LOOKUP_URL', 'CONTROL_SYSTEM_URL', 'KEYS_APP_URL']
  const mail = regions.flatMap(({ id }) => ['APP', 'DELIVERY', 'SYSTEM'].map((door) => mailSetting(id, door)))
  const urls: Record<string, string> = {}
  for (const name of [...doors, ...mail]) {
    const url = databaseUrl(env, name)
    if (url !== undefined) urls[name] = url
  }
  return urls
}

const mailSetting = (region: string, door: string): string => `MAIL_${region.toUpperCase()}_${door}_URL`

function parseTls(env: Environment, home: string): Settings['tls'] {
  const { TLS_CERT_FILE: cert, TLS_KEY_FILE: key } = env
  if ((cert === undefined) !== (key === undefined)) {
    throw new Fault('BAD_REQUEST', 'TLS_CERT_FILE and TLS_KEY_FILE belong together: set both or neither.')
  }
  if (cert !== undefined && key !== undefined) return { certFile: resolve(cert), keyFile: resolve(key), own: true }
  return { certFile: join(home, 'tls', 'cert.pem'), keyFile: join(home, 'tls', 'key.pem'), own: false }
}

function parsePrefix(env: Environment): string {
  const prefix = env.MAILTIGHT_DATABASE_PREFIX ?? 'mt'
  // mailtight_app and its sisters are the group roles that all prefixes on a server share.
  if (!/^[a-z][a-z0-9_]{0,29}$/.test(prefix) || prefix === 'mailtight') {
    throw new Fault(
      'BAD_REQUEST',
      'MAILTIGHT_DATABASE_PREFIX must be a short name of lower-case letters and digits, other than mailtight.',
    )
  }
  return prefix
}

/**
 * Parses an environment into settings. Throws a Fault whose message is one sentence that names the variable.
 * `root` is the installation's directory, below which the default home lies.
 */
export function parseSettings(env: Environment, root: string): Settings {
  const given = env.MAILTIGHT_HOME
  const home = given === undefined ? join(root, '.mailtight') : resolve(given)
  const bind = env.BIND ?? '127.0.0.1'
  const portOffset = parseOffset('MAILTIGHT_PORT_OFFSET', env.MAILTIGHT_PORT_OFFSET)
  const ports = parsePorts(portOffset)
  const hostname = (env.MAILTIGHT_HOSTNAME ?? 'localhost').toLowerCase()
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(hostname)) {
    throw new Fault('BAD_REQUEST', `MAILTIGHT_HOSTNAME must be a host name; it is "${hostname}".`)
  }
  const regions = parseRegions(env)
  const all = databaseUrl(env, 'DATABASE_URL')
  return Object.freeze({
    root,
    home,
    bind,
    ports,
    portOffset,
    hostname,
    webUrl: env.MAILTIGHT_WEB_URL?.replace(/\/+$/, '') ?? `https://${hostname}:${ports.https}`,
    benchLimits: env.MAILTIGHT_LIMITS === 'bench' && isLoopback(bind),
    regions: Object.freeze(regions),
    routes: parseRoutes(env),
    mail: parseMailSettings(env),
    urls: Object.freeze(parseUrls(env, regions)),
    adminUrls: Object.freeze({
      control: databaseUrl(env, 'CONTROL_DATABASE_URL') ?? all,
      keys: databaseUrl(env, 'KEYS_DATABASE_URL') ?? all,
      mail: Object.freeze(
        Object.fromEntries(
          regions.map(({ id }) => [id, databaseUrl(env, `MAIL_${id.toUpperCase()}_DATABASE_URL`) ?? all]),
        ),
      ),
    }),
    databasePrefix: parsePrefix(env),
    keyFiles: Object.freeze({
      root: resolve(env.ROOT_KEY_FILE ?? join(home, 'keys', 'root.key')),
      lookup: resolve(env.LOOKUP_KEY_FILE ?? join(home, 'keys', 'lookup.key')),
    }),
    tls: Object.freeze(parseTls(env, home)),
    seedDemo: env.SEED_DEMO !== '0',
    files: Object.freeze({
      state: join(home, 'run', 'state.json'),
      demo: join(home, 'demo.json'),
      secrets: join(home, 'secrets'),
    }),
  })
}

/** The settings of this process: its environment over the installation's `.env` file. Called once, by an entry file. */
export function readSettings(environment: Environment = process.env): Settings {
  const root = projectRoot()
  return parseSettings(readEnvironment(root, environment), root)
}

/** The address of a database that this process must have. Throws a Fault that names the missing setting. */
export function urlOf(settings: Settings, name: DatabaseDoor): string {
  return need(settings, name)
}

/** The address of every region's mail database through one door. Throws a Fault that names the missing setting. */
export function mailUrlsOf(settings: Settings, door: MailDoor): Record<RegionId, string> {
  const urls: Record<RegionId, string> = {}
  for (const { id } of settings.regions) urls[id] = need(settings, mailSetting(id, door))
  return urls
}

function need(settings: Settings, name: string): string {
  const url = settings.urls[name]
  if (url === undefined) throw new Fault('UNAVAILABLE', `This role needs ${name}, the address of a database: set it.`)
  return url
}
