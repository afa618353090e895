import { Resolver as NodeResolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { Fault } from '#lib/errors'
import type { Resolver } from '#mailcore/ports'
import { inOrder } from './order'

export interface ResolverOptions {
  /** Name servers as `1.2.3.4` or `1.2.3.4:53`; those of the system when left out */
  servers?: readonly string[]
  /** Domains whose mail goes to a fixed host and port without a look-up (demo, tests) */
  routes?: ReadonlyMap<string, { host: string; port: number }>
  /** Answers in place of node's resolver, for tests */
  lookup?: Lookup
}

/** The part of node:dns/promises Resolver that is used. */
export type Lookup = Pick<NodeResolver, 'resolveMx' | 'resolve4' | 'resolve6' | 'resolveTxt'>

const TIMEOUT_MS = 3_000
const TRIES = 2
/** c-ares codes that are an answer ("there is none"), not a failure. */
const NONE = new Set(['ENODATA', 'ENOTFOUND', 'ENONAME'])

const codeIn = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** Names looked up in the DNS, failures told apart: "does not exist" is NOT_FOUND, anything else is UNAVAILABLE. */
export function createResolver(options: ResolverOptions = {}): Resolver {
  const lookup = options.lookup ?? nodeLookup(options.servers)
  const addresses = async (host: string): Promise<string[]> => {
    if (isIP(host) !== 0) return [host]
    const [four, six] = await Promise.all([orNone(lookup.resolve4(host)), orNone(lookup.resolve6(host))])
    return [...(four ?? []), ...(six ?? [])]
  }
  return {
    addresses,
    async mx(domain) {
      const route = options.routes?.get(domain)
      if (route) return [{ host: route.host, priority: 0, port: route.port }]
      const records = await orNone(lookup.resolveMx(domain))
      if (records && records.length > 0) return inOrder(records)
      // RFC 5321 5.1: no MX, so the domain itself, when it has an address.
      if ((await addresses(domain)).length > 0) return [{ host: domain, priority: 0 }]
      throw new Fault('NOT_FOUND', 'The domain does not exist or takes no mail.', { internal: 'dns.nxdomain' })
    },
    async txt(name) {
      return ((await orNone(lookup.resolveTxt(name))) ?? []).map((chunks) => chunks.join(''))
    },
  }
}

function nodeLookup(servers: readonly string[] | undefined): Lookup {
  const resolver = new NodeResolver({ timeout: TIMEOUT_MS, tries: TRIES })
  if (servers && servers.length > 0) resolver.setServers(servers)
  return resolver
}

async function orNone<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  try {
    return await answer
  } catch (error) {
    if (NONE.has(codeIn(error))) return null
    throw new Fault('UNAVAILABLE', 'The DNS did not answer.', { internal: `dns.${codeIn(error)}`, cause: error })
  }
}
