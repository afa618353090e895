import { isIP } from 'node:net'
import { Fault } from '#lib/errors'
import type { Resolver, SecureDns, TlsaRecord } from '#mailcore/ports'
import { inOrder } from './order'
import { createStub, type StubQuery } from './stub'

export interface StubResolverOptions {
  servers: readonly string[]
  validating: boolean
  /** Domains whose mail goes to a fixed host and port without a look-up */
  routes?: ReadonlyMap<string, { host: string; port: number }>
  /** Answers in place of the servers', for tests */
  query?: StubQuery
}

/** Names longer than this, or with a label that is none, cannot be asked for (RFC 1035 2.3.4). */
const isName = (name: string): boolean =>
  name.length <= 253 && name.split('.').every((label) => label.length > 0 && label.length <= 63)

/** Resolver and SecureDns over name servers of the settings. */
export function createStubResolver(options: StubResolverOptions): { resolver: Resolver; secureDns: SecureDns } {
  const stub = options.query ?? createStub(options)
  const query: StubQuery = async (name, type) =>
    isName(name) ? stub(name, type) : { records: [], absent: true, secure: false }

  const addresses: SecureDns['addresses'] = async (host) => {
    if (isIP(host) !== 0) return { addresses: [host], secure: false }
    const [four, six] = await Promise.all([query(host, 'A'), query(host, 'AAAA')])
    return {
      addresses: [...four.records, ...six.records].flatMap(({ data }) => (typeof data === 'string' ? [data] : [])),
      secure: four.secure && six.secure,
    }
  }

  const mx: SecureDns['mx'] = async (domain) => {
    const answer = await query(domain, 'MX')
    const found = answer.records.flatMap(({ data }) => mxOf(data))
    if (found.length > 0) return { hosts: inOrder(found), secure: answer.secure }
    // RFC 5321 5.1: no MX, so the domain itself, when it has an address; that there is none is vouched for like any answer.
    const own = await addresses(domain)
    if (own.addresses.length > 0) return { hosts: [{ host: domain, priority: 0 }], secure: answer.secure }
    throw new Fault('NOT_FOUND', 'The domain does not exist or takes no mail.', { internal: 'dns.nxdomain' })
  }

  const resolver: Resolver = {
    mx: async (domain) => {
      const route = options.routes?.get(domain)
      return route ? [{ host: route.host, priority: 0, port: route.port }] : (await mx(domain)).hosts
    },
    addresses: async (host) => (await addresses(host)).addresses,
    txt: async (name) => (await query(name, 'TXT')).records.map(({ data }) => textOf(data)),
  }

  const tlsa: SecureDns['tlsa'] = async (host, port) => {
    const answer = await query(`_${port}._tcp.${host}`, 'TLSA')
    return { records: answer.records.flatMap(({ data }) => tlsaOf(data)), secure: answer.secure }
  }
  return { resolver, secureDns: { mx, addresses, tlsa } }
}

type Raw = { exchange: string; priority: number }

function mxOf(data: unknown): Raw[] {
  if (typeof data !== 'object' || data === null || !('exchange' in data)) return []
  const { exchange } = data
  const preference = 'preference' in data ? data.preference : 0
  return typeof exchange === 'string' ? [{ exchange, priority: typeof preference === 'number' ? preference : 0 }] : []
}

/** A TXT record is some strings, which belong together without anything between (RFC 7208 3.3). */
const textOf = (data: unknown): string =>
  (Array.isArray(data) ? data : [data])
    .map((part) => (Buffer.isBuffer(part) ? part.toString('utf8') : String(part)))
    .join('')

function tlsaOf(data: unknown): TlsaRecord[] {
  if (typeof data !== 'object' || data === null) return []
  const { usage, selector, matchingType, certificate } = data as Record<string, unknown>
  if (typeof usage !== 'number' || typeof selector !== 'number' || typeof matchingType !== 'number') return []
  return Buffer.isBuffer(certificate) ? [{ usage, selector, matching: matchingType, data: certificate }] : []
}
