import { Resolver as NodeResolver } from 'node:dns/promises'
import { createTimedCache } from './timed-cache'

export type RecordType = 'A' | 'AAAA' | 'MX' | 'TXT' | 'PTR' | 'CNAME'

/**
 * One question to the DNS. Records as node:dns gives them (TXT as lists of chunks, MX as {exchange, priority}); `ttlS` where it is known. "There is none"
 * is an error with the code ENOTFOUND or ENODATA; any other error is a failure.
 */
export type Ask = (name: string, type: RecordType) => Promise<{ records: readonly unknown[]; ttlS?: number }>

/** The same question as mailauth asks it. */
export type MailauthResolver = (name: string, type: string) => Promise<unknown>

const TIMEOUT_MS = 3_000
const TRIES = 2

/** How long an answer is used again: with the verdicts made of it (VERDICT_MS) a change is seen after five minutes at the latest. */
const KEEP_MS = 3 * 60_000
const KEEP_NONE_MS = 60_000
/** A name whose servers do not answer is not asked again at once: it would hold up each message of a wave. */
const KEEP_FAILED_MS = 5_000
const CACHE_MOST = 10_000
/** S-14: a name with 512 TXT records, or with one of 64 KB, is nothing that a mail check needs. */
const RECORDS_MOST = 100
const RECORD_BYTES_MOST = 8 * 1024

/** An error as c-ares makes them. */
export const dnsError = (code: string, extra: object = {}): Error =>
  Object.assign(new Error(`dns ${code}`), { code }, extra)

const NONE = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME'])

/** Asks these name servers, or those of the system. */
export function nodeAsk(servers: readonly string[]): Ask {
  const resolver = new NodeResolver({ timeout: TIMEOUT_MS, tries: TRIES })
  if (servers.length > 0) resolver.setServers(servers)
  return async (name, type) => {
    switch (type) {
      case 'A':
        return withTtl(await resolver.resolve4(name, { ttl: true }))
      case 'AAAA':
        return withTtl(await resolver.resolve6(name, { ttl: true }))
      case 'MX':
        return { records: await resolver.resolveMx(name) }
      case 'TXT':
        return { records: await resolver.resolveTxt(name) }
      case 'PTR':
        return { records: await resolver.resolvePtr(name) }
      case 'CNAME':
        return { records: await resolver.resolveCname(name) }
    }
  }
}

const withTtl = (found: { address: string; ttl: number }[]) => ({
  records: found.map(({ address }) => address),
  ttlS: Math.min(...found.map(({ ttl }) => ttl)),
})

type Answer = { records: readonly unknown[] } | { code: string }

/** Remembers answers, within their TTL and a few minutes, and asks each question once at a time. */
export function createDnsCache(ask: Ask, now: () => number): (name: string, type: RecordType) => Promise<Answer> {
  const answers = createTimedCache<Answer>({ most: CACHE_MOST, now })
  const asked = new Map<string, Promise<Answer>>()
  const look = async (key: string, name: string, type: RecordType): Promise<Answer> => {
    try {
      const { records, ttlS } = await ask(name, type)
      const answer = isBounded(records) ? { records } : { code: 'EBADRESP' }
      answers.set(key, answer, Math.min(KEEP_MS, (ttlS ?? KEEP_MS / 1_000) * 1_000))
      return answer
    } catch (error) {
      const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EFAILED'
      answers.set(key, { code }, NONE.has(code) ? KEEP_NONE_MS : KEEP_FAILED_MS)
      return { code }
    }
  }
  return (name, type) => {
    const key = `${type} ${name.toLowerCase().replace(/\.$/, '')}`
    const known = answers.get(key)
    if (known) return Promise.resolve(known)
    const waiting = asked.get(key)
    if (waiting) return waiting
    const answer = look(key, name, type).finally(() => asked.delete(key))
    asked.set(key, answer)
    return answer
  }
}

const isBounded = (records: readonly unknown[]): boolean =>
  records.length <= RECORDS_MOST && records.every((one) => JSON.stringify(one).length <= RECORD_BYTES_MOST)

/** What one message may ask of the DNS: so many questions for each purpose, cached or not, so that the verdict does not hang on the cache. */
export interface DnsBudget {
  spf: number
  keys: number
  dmarc: number
}

/** S-14: questions of one message in all. */
export const QUERIES_MOST = 20

/** Questions that SPF has at the least; records of honest domains mostly need fewer. */
const SPF_LEAST = 5
/** Keys of five signatures and of a chain of some seals. */
const KEYS_MOST = 8

/**
 * Divides the questions of one message, by what its header claims, so that the verdict does not hang on which answer comes first. The author's policy
 * comes before all (up to eight names of the walk of RFC 9989 4.10, and two for alignment): nothing a stranger adds may leave it unasked. Then keys;
 * SPF, which strangers' records can drive up, has what is left. RFC 7208's own limits (10 and 2) hold besides.
 */
export function divideBudget(need: { signatures: number; seals: number; authorLabels: number }): DnsBudget {
  const dmarc = Math.min(need.authorLabels, 8) + 2
  const keys = Math.min(Math.min(need.signatures, 5) + need.seals, KEYS_MOST, QUERIES_MOST - dmarc - SPF_LEAST)
  return { dmarc, keys, spf: QUERIES_MOST - dmarc - keys }
}

/** A resolver for mailauth that answers `most` different questions and none after `deadline` (ms since 1970). */
export function limitedResolver(options: {
  look: (name: string, type: RecordType) => Promise<Answer>
  most: number
  deadline: number
  now: () => number
  /** The error for a question too many */
  exceeded: () => Error
}): MailauthResolver {
  const seen = new Set<string>()
  return async (name, type) => {
    if (!isType(type)) throw dnsError('ENODATA')
    seen.add(`${type} ${name.toLowerCase()}`)
    if (seen.size > options.most) throw options.exceeded()
    const leftMs = options.deadline - options.now()
    if (leftMs <= 0) throw dnsError('ETIMEOUT')
    const answer = await within(options.look(name, type), leftMs)
    if ('code' in answer) throw dnsError(answer.code)
    // Copies: mailauth sorts what it is given.
    return [...answer.records]
  }
}

const isType = (type: string): type is RecordType => ['A', 'AAAA', 'MX', 'TXT', 'PTR', 'CNAME'].includes(type)

async function within(answer: Promise<Answer>, ms: number): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => resolve({ code: 'ETIMEOUT' }), ms)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
