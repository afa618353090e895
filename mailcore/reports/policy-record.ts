import { parseAddress } from '#mailcore/proto/address'
import { wordOf } from './values'

/** Where reports are asked to go. */
export interface Destination {
  /** Normalised */
  address: string
  domain: string
  /** bytes; null: any size */
  mostBytes: number | null
}

/** What a DMARC record asks for (RFC 7489 6.3). */
export interface DmarcPolicy {
  p: string
  sp: string
  /** strict or relaxed alignment */
  adkim: 'r' | 's'
  aspf: 'r' | 's'
  pct: number
  rua: Destination[]
}

/** Destinations of one record that are used: more than a handful is somebody's amplifier. */
const DESTINATIONS_MOST = 4
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/** The DMARC record among the TXT records of a name; null where there is none, or more than one (RFC 7489 6.6.3). */
export function parseDmarcRecord(texts: readonly string[]): DmarcPolicy | null {
  const found = texts.filter((text) => /^v\s*=\s*DMARC1\s*(;|$)/.test(text.trim()))
  const [text] = found
  if (text === undefined || found.length > 1) return null
  const tags = tagsOf(text)
  const p = wordOf(tags.get('p')) || 'none'
  const pct = Number(tags.get('pct') ?? 100)
  return {
    p,
    sp: wordOf(tags.get('sp')) || p,
    adkim: tags.get('adkim') === 's' ? 's' : 'r',
    aspf: tags.get('aspf') === 's' ? 's' : 'r',
    pct: Number.isInteger(pct) && pct >= 0 && pct <= 100 ? pct : 100,
    rua: destinationsOf(tags.get('rua')),
  }
}

/** Where TLS reports are asked to go (RFC 8460 section 3); null without a record. Only mail is sent: `https:` would let strangers choose whom we connect to. */
export function parseTlsRecord(texts: readonly string[]): Destination[] | null {
  const found = texts.filter((text) => /^v\s*=\s*TLSRPTv1\s*;/.test(text.trim()))
  const [text] = found
  return text === undefined || found.length > 1 ? null : destinationsOf(tagsOf(text).get('rua'))
}

function tagsOf(text: string): Map<string, string> {
  const tags = new Map<string, string>()
  for (const part of text.slice(0, 4_000).split(';')) {
    const equals = part.indexOf('=')
    if (equals > 0) tags.set(part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim())
  }
  return tags
}

function destinationsOf(text: string | undefined): Destination[] {
  const found = new Map<string, Destination>()
  for (const part of (text ?? '').split(',').slice(0, 50)) {
    const destination = parseDestination(part.trim())
    if (destination && found.size < DESTINATIONS_MOST) found.set(destination.address, destination)
  }
  return [...found.values()]
}

/** `mailto:reports@example.com!10m` (RFC 7489 6.2); null for every other scheme and for what is no address. */
export function parseDestination(uri: string): Destination | null {
  const [, raw = '', digits, unit = ''] = /^mailto:([^?!]{3,320})(?:!(\d{1,9})([kmgt]?))?$/i.exec(uri) ?? []
  const address = parseAddress(decoded(raw))
  if (!address) return null
  const mostBytes = digits === undefined ? null : Number(digits) * (UNITS[unit.toLowerCase()] ?? 1)
  return { address: address.address, domain: address.domain, mostBytes }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

/** Is `name` the domain or below it? */
export const isWithin = (name: string, domain: string): boolean => name === domain || name.endsWith(`.${domain}`)

/**
 * May reports about `domain` go to `destination`? To itself and what is below it, yes; elsewhere only where that domain says so (RFC 7489 7.1), or
 * anybody could have a stranger flooded with reports. `txt` looks up TXT records; that it fails counts as no.
 */
export async function mayReceive(
  domain: string,
  destination: Destination,
  txt: (name: string) => Promise<string[]>,
): Promise<boolean> {
  if (isWithin(destination.domain, domain)) return true
  const texts = await txt(`${domain}._report._dmarc.${destination.domain}`).catch(() => [])
  return texts.some((text) => /^v\s*=\s*DMARC1\s*(;|$)/.test(text.trim()))
}

/**
 * The names at which a policy for an author's domain may stand, nearest first: its own, then its parents down to two labels. A registry's name among them
 * costs a look-up and nothing more.
 */
export function policyNames(domain: string): string[] {
  const labels = domain.split('.')
  const names: string[] = [domain]
  // RFC 9091 and its successors bound the walk too; a name of hundred labels is nobody's.
  for (let at = Math.max(1, labels.length - 5); at <= labels.length - 2; at++) names.push(labels.slice(at).join('.'))
  return [...new Set(names)]
}
