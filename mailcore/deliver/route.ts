import { codeOf, Fault } from '#lib/errors'
import { isIP, isPublicAddress } from '#lib/ip'
import type { Log } from '#lib/log'
import type { AttemptResult, MxHost, Resolver, SecureDns, StsFinding, StsPolicies } from '#mailcore/ports'
import type { Target } from './client/line'
import { type TlsDemand, usableTlsa } from './client/tls'

export interface RouteParts {
  resolver: Pick<Resolver, 'mx' | 'addresses'>
  /** With it answers are known to be signed or not, and DANE holds (RFC 7672). */
  secureDns?: SecureDns
  sts?: StsPolicies
  /** Port of hosts found in the DNS, 25; tests only, and then private addresses are allowed */
  port?: number
  log: Log
}

/** One host of a destination and what it must show. */
export interface RouteHost {
  host: string
  targets: readonly Target[]
  /** null: not to be used, for the reason in `problem` */
  demand: TlsDemand | null
  /** Result type of RFC 8460 4.3 */
  problem?: string
  mtaSts: 'none' | 'testing' | 'enforce'
  /** Is the host one that the policy names? */
  mtaStsNamed: boolean
  dane: boolean
  /** Is the way from domain to host vouched for: by DNSSEC, or by MTA-STS (RFC 8689 4.2.1)? */
  vouched: boolean
}

export interface Route {
  hosts: readonly RouteHost[]
  sts: StsFinding
}

/** Finds the way to a domain. Ways are remembered for a minute, so that a thousand messages to one domain ask the DNS once. */
export type Routes = (domain: string, fixed?: readonly MxHost[]) => Promise<Route | AttemptResult>

const REMEMBER_MS = 60_000
const REMEMBERED_MOST = 2_000

export function createRoutes(parts: RouteParts): Routes {
  const known = new Map<string, { found: Promise<Route | AttemptResult>; until: number }>()
  return (domain, fixed) => {
    if (fixed) return findRoute(domain, fixed, parts)
    const before = known.get(domain)
    if (before && before.until > Date.now()) return before.found
    if (known.size >= REMEMBERED_MOST) known.clear()
    const found = findRoute(domain, undefined, parts)
    known.set(domain, { found, until: Date.now() + REMEMBER_MS })
    // What has failed, or has an unusable host, is looked up anew next time.
    void found.then((route) => {
      if ('kind' in route || route.hosts.some(({ demand }) => demand === null)) known.delete(domain)
    })
    return found
  }
}

const ADDRESSES_PER_HOST = 2
const NO_POLICY: StsFinding = { policy: null }
const deferred = (code: number, enhanced: string): AttemptResult => ({ kind: 'deferred', code, enhanced })
const failed = (code: number, enhanced: string): AttemptResult => ({ kind: 'failed', code, enhanced })

/** The hosts that take a domain's mail and what each must show, or the result where there are none. Throws nothing. */
export async function findRoute(
  domain: string,
  fixed: readonly MxHost[] | undefined,
  parts: RouteParts,
): Promise<Route | AttemptResult> {
  let mx: { hosts: readonly MxHost[]; secure: boolean }
  try {
    mx = fixed ? { hosts: fixed, secure: false } : await mxOf(domain, parts)
  } catch (error) {
    if (error instanceof Fault && error.code === 'NOT_FOUND') return failed(550, '5.1.2')
    parts.log.info('deliver.dns', { code: codeOf(error) })
    return deferred(451, '4.4.3')
  }
  // RFC 7505: the domain says that it takes no mail.
  if (mx.hosts.length === 0) return failed(556, '5.1.10')
  const routed = mx.hosts.every(({ port }) => port !== undefined)
  // A way that the operator has named is their own affair; policies of the domain speak of its own hosts.
  const sts = routed || !parts.sts ? NO_POLICY : await parts.sts.of(domain)
  const hosts: RouteHost[] = []
  for (const host of mx.hosts) hosts.push(await hostOf(host, { domain, secure: mx.secure, sts }, parts))
  return { hosts, sts }
}

async function mxOf(
  domain: string,
  { resolver, secureDns }: RouteParts,
): Promise<{ hosts: MxHost[]; secure: boolean }> {
  const hosts = await resolver.mx(domain)
  // A fixed route of the settings is no answer of the DNS.
  if (!secureDns || hosts.some(({ port }) => port !== undefined)) return { hosts, secure: false }
  return secureDns.mx(domain)
}

async function hostOf(
  { host, port }: MxHost,
  at: { domain: string; secure: boolean; sts: StsFinding },
  parts: RouteParts,
): Promise<RouteHost> {
  const { policy } = at.sts
  const mode = policy?.mode ?? 'none'
  const named = policy?.mx.some((pattern) => matchesMx(pattern, host)) ?? false
  const base = {
    host,
    mtaSts: mode,
    mtaStsNamed: named,
    dane: false,
    vouched: at.secure || (named && mode === 'enforce'),
  }
  if (port !== undefined)
    return { ...base, targets: [{ host, address: host, port }], demand: { kind: 'opportunistic' } }
  const found = await addressesOf(host, parts)
  const targets = found.addresses
    // A stranger's MX must not make us talk to our own network; whom we do want there is named by a route.
    .filter((address) => parts.port !== undefined || isPublicAddress(address))
    .slice(0, ADDRESSES_PER_HOST)
    .map((address) => ({ host, address, port: parts.port ?? 25 }))
  if (targets.length === 0) return { ...base, targets, demand: null }
  // RFC 7672 2.2: DANE counts only where MX, address and TLSA are all signed.
  if (at.secure && found.secure && parts.secureDns) {
    const dane = await daneOf(host, at.domain, parts)
    if (dane === 'unusable') return { ...base, targets, demand: null, dane: true, problem: 'dane-required' }
    // DANE outranks MTA-STS (RFC 8461 section 2).
    if (dane) return { ...base, targets, demand: dane, dane: true }
  }
  if (mode === 'enforce') {
    if (!named) return { ...base, targets, demand: null, problem: 'validation-failure' }
    return { ...base, targets, demand: { kind: 'webpki' } }
  }
  return { ...base, targets, demand: { kind: 'opportunistic' } }
}

async function addressesOf(
  host: string,
  { resolver, secureDns }: RouteParts,
): Promise<{ addresses: string[]; secure: boolean }> {
  try {
    if (secureDns && isIP(host) === 0) return await secureDns.addresses(host)
    return { addresses: await resolver.addresses(host), secure: false }
  } catch {
    return { addresses: [], secure: false }
  }
}

/** What the TLSA records of a host ask; null: nothing. RFC 7672 2.1.1: where it cannot be known whether there are any, the host is not used. */
async function daneOf(host: string, domain: string, parts: RouteParts): Promise<TlsDemand | 'unusable' | null> {
  try {
    // The records stand under port 25 wherever a test has moved the host to.
    const found = await parts.secureDns?.tlsa(host, 25)
    if (!found?.secure || found.records.length === 0) return null
    const records = usableTlsa(found.records)
    return records.length === 0 ? { kind: 'encrypted' } : { kind: 'dane', records, names: [host, domain] }
  } catch (error) {
    parts.log.info('deliver.tlsa', { code: codeOf(error) })
    return 'unusable'
  }
}

/** RFC 8461 4.1: a pattern is the name itself, or `*.` for exactly one label in front. */
export function matchesMx(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === host
  const dot = host.indexOf('.')
  return dot > 0 && host.slice(dot) === pattern.slice(1)
}
