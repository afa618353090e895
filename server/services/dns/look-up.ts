import { Resolver } from 'node:dns/promises'
import { codeOf, Fault } from '#lib/errors'

/** Questions about a domain's records. Each answers [] where there is none, and throws UNAVAILABLE where the DNS does not answer. Names come lower case, without a final dot. */
export interface DnsLookup {
  /** One joined string a record (RFC 7208 section 3.3) */
  txt(name: string): Promise<string[]>
  mx(name: string): Promise<{ host: string; priority: number }[]>
  cname(name: string): Promise<string[]>
  srv(name: string): Promise<{ host: string; port: number; priority: number; weight: number }[]>
  /** IPv4 and IPv6, aliases followed */
  addresses(name: string): Promise<string[]>
  /** Value of each `issue` property (RFC 8659) */
  caa(name: string): Promise<string[]>
  /** As in a zone file: usage, selector, matching type, hex */
  tlsa(name: string): Promise<string[]>
}

const TIMEOUT = { timeout: 3_000, tries: 2 } as const
/** c-ares codes that are an answer ("there is none"), not a failure. */
const NONE = new Set(['ENOTFOUND', 'ENODATA', 'ENONAME'])

const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '')

/** Top-level names that the public DNS does not hold (RFC 6761 section 6): nobody there is asked about them. */
const RESERVED = /(?:^|\.)(?:test|example|invalid|localhost)$/

/** Looks up at these name servers (`1.2.3.4` or `1.2.3.4:53`), or at those of the system. */
export function createDnsLookup(servers: readonly string[]): DnsLookup {
  const resolver = new Resolver(TIMEOUT)
  if (servers.length > 0) resolver.setServers(servers)
  const all = async <T>(name: string, ask: (name: string) => Promise<T[]>): Promise<T[]> => {
    if (servers.length === 0 && RESERVED.test(name)) return []
    try {
      return await ask(name)
    } catch (error) {
      const code = codeOf(error)
      if (NONE.has(code)) return []
      throw new Fault('UNAVAILABLE', 'The name servers of this domain do not answer. Please try again later.', {
        internal: `dns ${code}`,
        cause: error,
      })
    }
  }
  return {
    txt: async (name) => (await all(name, (one) => resolver.resolveTxt(one))).map((pieces) => pieces.join('')),
    mx: async (name) =>
      (await all(name, (one) => resolver.resolveMx(one))).map(({ exchange, priority }) => ({
        host: plain(exchange),
        priority,
      })),
    cname: async (name) => (await all(name, (one) => resolver.resolveCname(one))).map(plain),
    srv: async (name) =>
      (await all(name, (one) => resolver.resolveSrv(one))).map((one) => ({
        host: plain(one.name),
        port: one.port,
        priority: one.priority,
        weight: one.weight,
      })),
    addresses: async (name) =>
      (
        await Promise.all([all(name, (one) => resolver.resolve4(one)), all(name, (one) => resolver.resolve6(one))])
      ).flat(),
    caa: async (name) =>
      (await all(name, (one) => resolver.resolveCaa(one))).flatMap(({ issue }) => (issue ? [issue] : [])),
    tlsa: async (name) =>
      (await all(name, (one) => resolver.resolveTlsa(one))).map(
        (one) => `${one.certUsage} ${one.selector} ${one.match} ${Buffer.from(one.data).toString('hex')}`,
      ),
  }
}
