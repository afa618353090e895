import { evaluateDmarc } from 'mailauth/lib/dmarc/verify.js'
import { spf as verifySpf } from 'mailauth/lib/spf/index.js'
import type { Peer } from '#mailcore/ports/checks'
import type { Header } from '#mailcore/proto/header'
import type { Author } from './author'
import { countSignatures, type DkimResult, type Signatures, verifySignatures } from './dkim'
import { type Ask, createDnsCache, divideBudget, dnsError, limitedResolver } from './dns'
import { createTimedCache } from './timed-cache'

/** What is known of a message's origin. Results in the words of RFC 8601 2.7. */
export interface Authentication {
  /** `domain`: that of MAIL FROM, or the HELO name for the null sender */
  spf: { result: string; domain: string; helo: boolean }
  dkim: readonly DkimResult[]
  arc: Signatures['arc']
  dmarc: Dmarc
}

export interface Dmarc {
  result: string
  /** Of From; '' where there is not exactly one */
  domain: string
  /** What the domain asks for when its mail fails, after sp, np and t (RFC 9989 4.7); the sender's wish, not what is done */
  policy: 'none' | 'quarantine' | 'reject'
  /** Percentage of failing mail the policy is meant for (RFC 7489 6.3) */
  percent: number
}

/** How long a verdict is used again for the same peer and domains; see KEEP_MS in dns.ts. */
const VERDICT_MS = 2 * 60_000
const VERDICTS_MOST = 20_000
/** From the first question to the last answer: below the five minutes a client waits after its final dot (RFC 5321 4.5.3.2.6) by far. */
const DEADLINE_MS = 15_000
/** RFC 7208 4.6.4 */
const SPF_LOOKUPS_MOST = 10
const SPF_VOID_MOST = 2

interface Asked {
  peer: Peer
  sender: string
  message: Buffer
  header: Header
  author: Author
}

interface Parts {
  ask: Ask
  hostname: string
  now: () => number
}

/** What one evaluation may ask and how long: see divideBudget. */
interface Allowance {
  most: number
  /** ms since 1970 */
  deadline: number
}
type Look = ReturnType<typeof createDnsCache>

/** SPF of MAIL FROM, or of the HELO name for the null sender (RFC 7208 2.4). */
function createSpf(parts: Parts, look: Look): (asked: Asked, allowed: Allowance) => Promise<Authentication['spf']> {
  const known = createTimedCache<string>({ most: VERDICTS_MOST, now: parts.now })
  // A question too many is the sender's doing (RFC 7208 4.6.4), so it is no temporary failure.
  const exceeded = () => dnsError('ELIMIT', { spfResult: { error: 'permerror', text: 'too many DNS questions' } })
  return async ({ peer, sender }, allowed) => {
    const helo = sender === ''
    const domain = helo ? peer.helo.toLowerCase() : sender.slice(sender.lastIndexOf('@') + 1).toLowerCase()
    const shared = `${peer.address} ${peer.helo} ${helo ? '' : domain}`
    const own = `${shared} ${sender}`
    const before = known.get(shared) ?? known.get(own)
    if (before !== undefined) return { result: before, domain, helo }
    const { status } = await verifySpf({
      sender,
      ip: peer.address,
      helo: peer.helo,
      mta: parts.hostname,
      strict: true,
      maxResolveCount: SPF_LOOKUPS_MOST,
      maxVoidCount: SPF_VOID_MOST,
      resolver: limitedResolver({ look, ...allowed, now: parts.now, exceeded }),
    })
    // In strict mode mailauth names the whole address only where the record asked for the local part.
    const byLocalPart = status.smtp?.mailfrom?.includes('@') ?? false
    if (status.result !== 'temperror') known.set(byLocalPart ? own : shared, status.result, VERDICT_MS)
    return { result: status.result, domain, helo }
  }
}

/** DMARC of an author, given the domains for which SPF and DKIM have passed. */
function createDmarc(
  parts: Parts,
  look: Look,
): (author: Author, passed: { spf: string; dkim: readonly string[] }, allowed: Allowance) => Promise<Dmarc> {
  const known = createTimedCache<Dmarc>({ most: VERDICTS_MOST, now: parts.now })
  const exceeded = () => dnsError('ELIMIT')
  return async (author, passed, allowed) => {
    // RFC 7489 6.6.1: without exactly one author there is no policy to ask for.
    if (author.domain === null) return { result: 'permerror', domain: '', policy: 'none', percent: 100 }
    const key = JSON.stringify([author.domain, passed.spf, [...new Set(passed.dkim)]])
    const before = known.get(key)
    if (before) return before
    const { response } = await evaluateDmarc({
      headerFrom: [author.domain],
      fromFields: 1,
      spfDomains: passed.spf === '' ? [] : [passed.spf],
      dkimDomains: passed.dkim.map((domain) => ({ domain })),
      resolver: limitedResolver({ look, ...allowed, now: parts.now, exceeded }),
      strict: true,
    })
    if (!response) return { result: 'permerror', domain: author.domain, policy: 'none', percent: 100 }
    const percent = response.record?.pct
    const dmarc: Dmarc = {
      result: response.status.result,
      domain: author.domain,
      policy: response.policy ?? 'none',
      percent: percent !== undefined && percent >= 0 && percent <= 100 ? percent : 100,
    }
    if (dmarc.result !== 'temperror') known.set(key, dmarc, VERDICT_MS)
    return dmarc
  }
}

/** SPF, DKIM, ARC and DMARC of a message. `hostname` is ours, for SPF's `%{r}`. Failures of the DNS are results, never thrown. */
export function createAuthenticator(parts: Parts): (message: Asked) => Promise<Authentication> {
  const look = createDnsCache(parts.ask, parts.now)
  const spfOf = createSpf(parts, look)
  const dmarcOf = createDmarc(parts, look)
  return async (asked) => {
    const deadline = parts.now() + DEADLINE_MS
    const claimed = countSignatures(asked.header)
    const budget = divideBudget({
      signatures: claimed.dkim,
      seals: Math.ceil(claimed.arc / 3),
      authorLabels: asked.author.domain?.split('.').length ?? 0,
    })
    const keys = limitedResolver({
      look,
      most: budget.keys,
      deadline,
      now: parts.now,
      // A code that stands for "no usable key", hence neutral: whoever signs this often means no good.
      exceeded: () => dnsError('EINVALIDVAL'),
    })
    const [spf, signatures] = await Promise.all([
      spfOf(asked, { most: budget.spf, deadline }),
      verifySignatures(asked.message, asked.header, keys),
    ])
    const passed = {
      spf: spf.result === 'pass' ? spf.domain : '',
      dkim: signatures.dkim.filter(({ result }) => result === 'pass').map(({ domain }) => domain),
    }
    const dmarc = await dmarcOf(asked.author, passed, { most: budget.dmarc, deadline })
    return { spf, dkim: signatures.dkim, arc: signatures.arc, dmarc }
  }
}
