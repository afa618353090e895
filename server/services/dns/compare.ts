import type { DnsLookup } from '#server/services/dns/look-up'
import type { PlannedRecord } from '#server/services/dns/plan'

export interface Seen {
  state: 'right' | 'wrong' | 'missing' | 'unknown'
  /** What the DNS holds instead, as much as helps; null where there is nothing to show */
  found: string | null
}

/** What is found may be anybody's text: as much as a long record takes. */
const FOUND_MOST = 600

/** Looks one record up and compares. Never throws: no answer is `unknown`. */
export async function seeRecord(dns: DnsLookup, record: PlannedRecord): Promise<Seen> {
  try {
    const seen = await look(dns, record)
    return { state: seen.state, found: seen.found === null ? null : clean(seen.found) }
  } catch {
    return { state: 'unknown', found: null }
  }
}

const clean = (text: string): string => text.replace(/[^\n\x20-\x7e]/g, '?').slice(0, FOUND_MOST)

const MISSING: Seen = { state: 'missing', found: null }
const RIGHT = (found: string): Seen => ({ state: 'right', found })
const WRONG = (found: string): Seen => ({ state: 'wrong', found })
const verdict = (ok: boolean, found: readonly string[]): Seen =>
  found.length === 0 ? MISSING : ok ? RIGHT(found.join('\n')) : WRONG(found.join('\n'))

async function look(dns: DnsLookup, record: PlannedRecord): Promise<Seen> {
  const { name, expected } = record
  switch (record.type) {
    case 'MX': {
      const host = expected.split(' ')[1]
      const found = await dns.mx(name)
      // The number does not matter; a second host takes mail away.
      return verdict(
        found.every((one) => one.host === host),
        found.map((one) => `${one.priority} ${one.host}`),
      )
    }
    case 'CNAME':
      return lookAlias(dns, name, expected)
    case 'SRV': {
      const [, , port, host] = expected.split(' ')
      const found = await dns.srv(name)
      return verdict(
        found.some((one) => one.host === host && String(one.port) === port),
        found.map((one) => `${one.priority} ${one.weight} ${one.port} ${one.host}`),
      )
    }
    case 'CAA': {
      const found = await dns.caa(name)
      return verdict(
        true,
        found.map((issuer) => `0 issue "${issuer}"`),
      )
    }
    case 'TLSA':
      return verdict(true, await dns.tlsa(name))
    case 'TXT':
      return lookText(record, await dns.txt(name))
  }
}

/** An alias, or the same addresses written down: an apex, or a host without CNAMEs, can do no other. */
async function lookAlias(dns: DnsLookup, name: string, host: string): Promise<Seen> {
  const aliases = await dns.cname(name)
  if (aliases.length > 0) return verdict(aliases.includes(host), aliases)
  const [found, ours] = await Promise.all([dns.addresses(name), dns.addresses(host)])
  return verdict(
    found.every((address) => ours.includes(address)),
    found,
  )
}

/** How each kind of text begins: others may stand beside it under the same name. */
const KINDS: Readonly<Record<string, RegExp>> = {
  spf: /^v=spf1(?:\s|$)/i,
  dkim: /(?:^|;)\s*p\s*=|^v=DKIM1/,
  dmarc: /^v\s*=\s*DMARC1\s*(?:;|$)/,
  'mta-sts': /^v\s*=\s*STSv1\s*;/,
  'tls-rpt': /^v\s*=\s*TLSRPTv1\s*;/,
}

function lookText({ id, expected }: PlannedRecord, texts: readonly string[]): Seen {
  const kind = id.split(':', 1)[0] ?? ''
  const found = texts.filter((text) => KINDS[kind]?.test(text.trim()))
  const [only] = found
  // Two of one kind are an error in every one of these standards (RFC 7208 4.5, RFC 7489 6.6.3, RFC 8461 3.1, RFC 8460 3).
  if (only === undefined || found.length > 1) return verdict(false, found)
  return verdict(fits(kind, only, expected), found)
}

function fits(kind: string, found: string, expected: string): boolean {
  switch (kind) {
    case 'spf': {
      const terms = found.toLowerCase().split(/\s+/)
      return terms.some((term) => term === 'mx' || term === '+mx') && !terms.includes('+all') && !terms.includes('all')
    }
    case 'dkim':
      return tagsOf(found).get('p')?.replace(/\s+/g, '') === tagsOf(expected).get('p') && algorithmFits(found, expected)
    case 'dmarc':
      return (
        /^(?:none|quarantine|reject)$/i.test(tagsOf(found).get('p') ?? '') &&
        reportsTo(found).includes(reportsTo(expected)[0] ?? '')
      )
    case 'mta-sts':
      return tagsOf(found).get('id') === tagsOf(expected).get('id')
    case 'tls-rpt':
      return reportsTo(found).includes(reportsTo(expected)[0] ?? '')
    default:
      return found === expected
  }
}

// RFC 6376 3.6.1: k= is rsa when left out.
const algorithmFits = (found: string, expected: string): boolean =>
  (tagsOf(found).get('k') ?? 'rsa').toLowerCase() === tagsOf(expected).get('k')

const reportsTo = (text: string): string[] =>
  (tagsOf(text).get('rua') ?? '').split(',').map((uri) => uri.trim().toLowerCase().replace(/!.*$/, ''))

/** The tags of a record of `name=value;` pairs. */
const tagsOf = (text: string): Map<string, string> =>
  new Map(
    text.split(';').map((pair) => {
      const at = pair.indexOf('=')
      return [pair.slice(0, Math.max(at, 0)).trim().toLowerCase(), pair.slice(at + 1).trim()]
    }),
  )
