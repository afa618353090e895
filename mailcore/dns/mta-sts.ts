import { request } from 'node:https'
import { isPublicAddress } from '#lib/ip'
import type { Log } from '#lib/log'
import type { Destinations, Resolver, StsFinding, StsPolicies, StsPolicy } from '#mailcore/ports'

export interface StsOptions {
  resolver: Pick<Resolver, 'txt' | 'addresses'>
  /** Where policies are kept over restarts (RFC 8461 3.3) */
  kept: Pick<Destinations, 'policy' | 'keepPolicy'>
  log: Log
  now?: () => Date
  /** Port of policy hosts and their authorities; tests only, and then private addresses are allowed */
  port?: number
  ca?: string
}

/** RFC 8461 3.3: one minute for the fetch, 64 KB of policy. */
const FETCH_MS = 60_000
const POLICY_BYTES = 64 * 1024
/** RFC 8461 3.2: at most a year. */
const MAX_AGE_S = 31_557_600
const PATTERNS_MOST = 100
/** After a fetch that failed, none is tried for this long: a sender must not hammer a policy host. */
const PATIENCE_MS = 5 * 60_000
/** A policy is looked at in memory for this long before record and cache are asked again. */
const REMEMBER_MS = 60_000
const REMEMBERED_MOST = 5_000

/**
 * Policies of remote domains (RFC 8461). One that is known holds for its `max_age`, whatever becomes of record or host meanwhile: who can take the record
 * away must not be able to take the policy away with it.
 */
export function createStsPolicies(options: StsOptions): StsPolicies {
  const now = options.now ?? (() => new Date())
  const known = new Map<string, { finding: Promise<StsFinding>; until: number }>()
  const failedAt = new Map<string, number>()
  const find = async (domain: string): Promise<StsFinding> => {
    const [kept, id] = await Promise.all([
      options.kept.policy(domain).catch(() => null),
      policyId(domain, options).catch(() => null),
    ])
    const held: StsFinding = { policy: kept && kept.until > now() ? kept.policy : null }
    if (id === null || held.policy?.id === id) return held
    if ((failedAt.get(domain) ?? 0) > now().getTime() - PATIENCE_MS)
      return { ...held, problem: 'sts-policy-fetch-error' }
    const fetched = await fetchPolicy(domain, options)
    if ('problem' in fetched) {
      if (failedAt.size > REMEMBERED_MOST) failedAt.clear()
      failedAt.set(domain, now().getTime())
      return { ...held, problem: fetched.problem }
    }
    const policy = parsePolicy(fetched.text, id)
    if (!policy) return { ...held, problem: 'sts-policy-invalid' }
    const until = new Date(now().getTime() + policy.maxAgeS * 1_000)
    await options.kept
      .keepPolicy(domain, policy, until)
      .catch(() => options.log.warn('deliver.sts.keep', { mode: policy.mode }))
    return { policy }
  }
  return {
    of: (domain) => {
      const before = known.get(domain)
      if (before && before.until > Date.now()) return before.finding
      if (known.size >= REMEMBERED_MOST) known.clear()
      const finding = find(domain).catch((): StsFinding => ({ policy: null }))
      known.set(domain, { finding, until: Date.now() + REMEMBER_MS })
      return finding
    },
  }
}

/** The `id` of the domain's one TXT record (RFC 8461 3.1); null where there is none, or more than one. */
async function policyId(domain: string, { resolver }: StsOptions): Promise<string | null> {
  const records = (await resolver.txt(`_mta-sts.${domain}`)).filter((text) => /^v=STSv1\s*;/.test(text))
  if (records.length !== 1) return null
  return /;\s*id=([A-Za-z0-9]{1,32})\s*(?:;|$)/.exec(records[0] ?? '')?.[1] ?? null
}

type Fetched = { text: string } | { problem: 'sts-policy-fetch-error' | 'sts-webpki-invalid' }

/** RFC 8461 3.3: over HTTPS with a certificate that holds for the policy host, no redirect, no more than 64 KB; and never from our own network. */
async function fetchPolicy(domain: string, options: StsOptions): Promise<Fetched> {
  const host = `mta-sts.${domain}`
  const found = await options.resolver.addresses(host).catch(() => [])
  const address = found.find((one) => options.port !== undefined || isPublicAddress(one))
  if (!address) return { problem: 'sts-policy-fetch-error' }
  return new Promise((resolve) => {
    const fail = (problem: 'sts-policy-fetch-error' | 'sts-webpki-invalid' = 'sts-policy-fetch-error') => {
      clearTimeout(timer)
      resolve({ problem })
      asked.destroy()
    }
    const asked = request(
      {
        // Connected by address, so that the name cannot lead elsewhere a second time; named and checked by name.
        host: address,
        port: options.port ?? 443,
        servername: host,
        path: '/.well-known/mta-sts.txt',
        headers: { host, accept: 'text/plain' },
        agent: false,
        ...(options.ca === undefined ? {} : { ca: options.ca }),
      },
      (response) => {
        const type = (response.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
        if (response.statusCode !== 200 || type !== 'text/plain') return fail()
        const chunks: Buffer[] = []
        let bytes = 0
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          chunks.push(chunk)
          if (bytes > POLICY_BYTES) fail()
        })
        response.on('end', () => {
          clearTimeout(timer)
          resolve({ text: Buffer.concat(chunks).toString('utf8') })
        })
        response.on('error', () => fail())
      },
    )
    const timer = setTimeout(() => fail(), FETCH_MS)
    asked.on('error', (error) => fail(isCertificateError(error) ? 'sts-webpki-invalid' : 'sts-policy-fetch-error'))
    asked.end()
  })
}

const isCertificateError = (error: Error): boolean =>
  'code' in error && typeof error.code === 'string' && /CERT|ALTNAME|SIGNED|ISSUER|VERIFY/.test(error.code)

/** A policy by its text (RFC 8461 3.2); null when it is none. Of a field that stands twice the first counts, `mx` excepted. */
export function parsePolicy(text: string, id: string): StsPolicy | null {
  const fields = new Map<string, string>()
  const mx: string[] = []
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue
    const [, name, value] = /^([A-Za-z0-9][A-Za-z0-9_.-]{0,31})[ \t]*:[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
    if (name === undefined || value === undefined) return null
    if (name === 'mx') mx.push(value.toLowerCase())
    else if (!fields.has(name)) fields.set(name, value)
  }
  const mode = fields.get('mode')
  const maxAge = fields.get('max_age') ?? ''
  if (fields.get('version') !== 'STSv1' || !/^\d{1,10}$/.test(maxAge)) return null
  if (mode !== 'none' && mode !== 'testing' && mode !== 'enforce') return null
  const valid = mx.every((pattern) => /^(?:\*\.)?[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/.test(pattern))
  if (!valid || mx.length > PATTERNS_MOST || (mode !== 'none' && mx.length === 0)) return null
  return { id, mode, mx, maxAgeS: Math.min(Number(maxAge), MAX_AGE_S) }
}
