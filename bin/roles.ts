import type { PortName, Settings } from '#lib/env'
import type { Running } from '#lib/lifecycle'

/** A role as its module offers it: starts, resolves once it serves, and can be stopped. */
export interface RoleModule {
  start(settings: Settings): Promise<Running>
}

export interface RoleSpec {
  /** Settings that hold the addresses of its databases; `MAIL_*` stands for every region. */
  urls: readonly string[]
  /** Does it open mail or people's names? Then it holds the root key. */
  rootKey: boolean
  /** Does it speak TLS as a server? */
  tls: boolean
  ports: readonly PortName[]
  /** Flags for Node. */
  node?: readonly string[]
  load(): Promise<RoleModule>
}

/**
 * Where mail streams through, the heap is small and short-lived and the buffers lie outside it: the collector's helper threads cost a fifth of the processor
 * time of a message and gain nothing.
 */
const STREAM_OF_MAIL: readonly string[] = ['--single-threaded-gc']

/**
 * What each role may hold, and nothing else reaches its process: a broken MX has no key and no door to read mail with.
 * The lookup key is everyone's: without it no address can be found.
 */
export const ROLES = {
  mx: {
    node: STREAM_OF_MAIL,
    urls: ['CONTROL_LOOKUP_URL', 'MAIL_*_DELIVERY_URL'],
    rootKey: false,
    tls: true,
    ports: ['mx', 'lmtp'],
    load: () => import('#mailcore/roles/mx'),
  },
  submission: {
    node: STREAM_OF_MAIL,
    urls: ['CONTROL_LOOKUP_URL', 'MAIL_*_DELIVERY_URL'],
    rootKey: false,
    tls: true,
    ports: ['submission', 'submissions'],
    load: () => import('#mailcore/roles/submission'),
  },
  imap: {
    urls: ['CONTROL_LOOKUP_URL', 'CONTROL_APP_URL', 'KEYS_APP_URL', 'MAIL_*_APP_URL'],
    rootKey: true,
    tls: true,
    ports: ['imap', 'imaps', 'pop3', 'pop3s', 'sieve'],
    load: () => import('#mailcore/roles/imap'),
  },
  deliver: {
    node: STREAM_OF_MAIL,
    urls: ['CONTROL_LOOKUP_URL', 'KEYS_APP_URL', 'MAIL_*_APP_URL', 'MAIL_*_SYSTEM_URL', 'MAIL_*_DELIVERY_URL'],
    rootKey: true,
    tls: false,
    ports: [],
    load: () => import('#mailcore/roles/deliver'),
  },
  worker: {
    urls: ['CONTROL_*_URL', 'KEYS_APP_URL', 'MAIL_*_URL'],
    rootKey: true,
    tls: false,
    ports: [],
    load: () => import('#server/roles/worker'),
  },
  web: {
    urls: ['CONTROL_*_URL', 'KEYS_APP_URL', 'MAIL_*_URL'],
    rootKey: true,
    tls: true,
    ports: ['https', 'http'],
    load: () => import('#server/roles/web'),
  },
} satisfies Record<string, RoleSpec>

export type RoleName = keyof typeof ROLES

/** In the order in which they start; they stop the other way round. */
export const ROLE_NAMES = Object.keys(ROLES) as RoleName[]

export const isRole = (name: string): name is RoleName => Object.hasOwn(ROLES, name)

/** Variables that a process of ours may see whatever it is for: no secrets among them. */
const COMMON = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'NODE_ENV',
  'NODE_OPTIONS',
  'NODE_EXTRA_CA_CERTS',
  'BIND',
  'DNS_SERVERS',
  'DNS_VALIDATING',
  'RSPAMD_URL',
  'RSPAMD_WHEN_DOWN',
  'CLAMD',
  'CLAMD_WHEN_DOWN',
  'PROXY_FROM',
  'LMTP_FROM',
  'SEND_REPORTS',
]

/** Does a setting's name fit one of the patterns, in which `*` stands for anything? */
const fits = (name: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => new RegExp(`^${pattern.replaceAll('*', '.+')}$`).test(name))

/**
 * The environment of a role's process: what is common, its databases' addresses from `urls` and its key files. A role without the
 * root key is given a file that holds none.
 */
export function roleEnvironment(
  spec: Omit<RoleSpec, 'load'>,
  name: string,
  { settings, urls, from }: { settings: Settings; urls: Readonly<Record<string, string>>; from: NodeJS.ProcessEnv },
): Record<string, string> {
  const env: Record<string, string> = {}
  for (const [key, value] of Object.entries(from)) {
    if (value && (COMMON.includes(key) || /^(MAILTIGHT|REGION)_/.test(key))) env[key] = value
  }
  for (const [key, url] of Object.entries(urls)) if (fits(key, spec.urls)) env[key] = url
  return {
    ...env,
    MAILTIGHT_ROLE: name,
    MAILTIGHT_HOME: settings.home,
    MAILTIGHT_PORT_OFFSET: String(settings.portOffset),
    MAILTIGHT_HOSTNAME: settings.hostname,
    MAILTIGHT_REGIONS: settings.regions.map((region) => region.id).join(','),
    BIND: settings.bind,
    LOOKUP_KEY_FILE: settings.keyFiles.lookup,
    ROOT_KEY_FILE: spec.rootKey ? settings.keyFiles.root : '/dev/null',
    ...(spec.tls ? { TLS_CERT_FILE: settings.tls.certFile, TLS_KEY_FILE: settings.tls.keyFile } : {}),
  }
}
