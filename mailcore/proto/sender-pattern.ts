import { normaliseAddress, normaliseDomain } from './address'

/** Whom a sender rule means, in the one form in which it is stored, hashed and shown. */
export interface SenderPattern {
  kind: 'address' | 'domain' | 'subdomains' | 'network'
  /** `a@example.com`; `example.com`; `.example.com` (it and all below it); `192.0.2.0/24`, `2001:db8:0:0:0:0:0:0/32` */
  text: string
}

/** Prefixes shorter than these would name a good part of the Internet; they bound the look-ups of one address as well. */
const SHORTEST = { four: 8, six: 16 } as const
/** Labels of a sender's domain that are looked at from the right. */
const LABELS_MOST = 10

/** Reads what a person has typed, or null. */
export function parseSenderPattern(text: string): SenderPattern | null {
  const typed = text.trim().toLowerCase()
  if (typed.includes('@') && !typed.startsWith('@')) {
    const address = normaliseAddress(typed)
    return address === null ? null : { kind: 'address', text: address }
  }
  const network = parseNetwork(typed)
  if (network !== null) return { kind: 'network', text: network }
  const below = /^(?:\*\.|\.)/.test(typed)
  const domain = normaliseDomain(typed.replace(/^(?:\*\.|\.|@)/, ''))
  if (domain === null) return null
  return below ? { kind: 'subdomains', text: `.${domain}` } : { kind: 'domain', text: domain }
}

/** The patterns that an address matches: itself, its domain, and that domain and each above it with all below. */
export function patternsOfAddress(address: string): string[] {
  const domain = address.slice(address.lastIndexOf('@') + 1)
  const labels = domain.split('.').slice(-LABELS_MOST)
  const above = labels.slice(0, -1).map((_, index) => `.${labels.slice(index).join('.')}`)
  return [address, domain, ...above]
}

/** The networks that an IP address lies in, as patterns; none for what is no address. */
export function patternsOfNetwork(address: string): string[] {
  const bytes = addressBytes(address)
  if (!bytes) return []
  const bits = bytes.length * 8
  const shortest = bits === 32 ? SHORTEST.four : SHORTEST.six
  const out: string[] = []
  for (let length = bits; length >= shortest; length--) if (isUsed(bits, length)) out.push(networkText(bytes, length))
  return out
}

/** Of IPv6 the single address and the networks down to /64: what lies between is one host's own. */
const isUsed = (bits: number, length: number): boolean => bits === 32 || length === 128 || length <= 64

function parseNetwork(text: string): string | null {
  const [address = '', prefix, more] = text.split('/')
  const bytes = addressBytes(address)
  if (!bytes || more !== undefined || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) return null
  const bits = bytes.length * 8
  const length = prefix === undefined ? bits : Number(prefix)
  const shortest = bits === 32 ? SHORTEST.four : SHORTEST.six
  return length < shortest || length > bits || !isUsed(bits, length) ? null : networkText(bytes, length)
}

function networkText(bytes: readonly number[], length: number): string {
  const kept = bytes.map((byte, index) => {
    const left = Math.min(8, Math.max(0, length - index * 8))
    return byte & (0xff << (8 - left)) & 0xff
  })
  if (kept.length === 4) return `${kept.join('.')}/${length}`
  const groups = Array.from({ length: 8 }, (_, i) => (((kept[2 * i] ?? 0) << 8) | (kept[2 * i + 1] ?? 0)).toString(16))
  return `${groups.join(':')}/${length}`
}

function addressBytes(text: string): number[] | null {
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (four) {
    const bytes = four.slice(1).map(Number)
    return bytes.every((byte) => byte < 256) ? bytes : null
  }
  if (!/^[0-9a-fA-F:]{2,39}$/.test(text) || text.includes(':::')) return null
  const halves = text.split('::')
  if (halves.length > 2) return null
  const groups = (half: string | undefined) => (half ? half.split(':') : [])
  const [left, right] = [groups(halves[0]), groups(halves[1])]
  const missing = 8 - left.length - right.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null
  const all = [...left, ...Array<string>(missing).fill('0'), ...right]
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return null
  return all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff])
}
