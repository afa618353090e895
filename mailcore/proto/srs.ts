import { DAY_MS } from '#lib/clock'
import { keyedHash, sameBytes } from '#lib/crypto/hash'
import { parseAddress } from './address'

/**
 * Sender Rewriting Scheme (as libsrs2 has it, in lower case): mail that is sent on leaves from an address of ours, so that SPF holds, and a bounce finds
 * its way back to the first sender. `srs0=HHHHHHHH=DD=domain=local`, with a keyed hash, so that nobody can have mail sent on through us by making one up.
 */
const PREFIX = 'srs0='
const HASH_CHARACTERS = 8
/** A bounce comes within days: most servers give up after five. */
const VALID_DAYS = 14
/** Days are written in two characters, and begin anew after 1,024 of them. */
const DAYS = 1_024

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

const digits = (day: number): string => (ALPHABET[(day >> 5) & 31] ?? '') + (ALPHABET[day & 31] ?? '')

function hashOf(key: Buffer, day: string, domain: string, local: string): string {
  let text = ''
  // The hash has 16 bytes, so eight of them are there.
  for (const byte of keyedHash(key, 'srs', `${day}=${domain}=${local}`).subarray(0, HASH_CHARACTERS))
    text += ALPHABET[byte & 31] ?? ''
  return text
}

const dayOf = (now: Date): number => Math.floor(now.getTime() / DAY_MS) % DAYS

/** The address under which mail of `sender` is sent on from `domain`; null where it does not fit into 64 octets (RFC 5321 4.5.3.1.1) or is no plain address. */
export function makeSrs(key: Buffer, sender: string, domain: string, now: Date): string | null {
  const from = parseAddress(sender)
  if (!from) return null
  const day = digits(dayOf(now))
  const local = `${PREFIX}${hashOf(key, day, from.domain, from.local)}=${day}=${from.domain}=${from.local}`
  return parseAddress(`${local}@${domain}`)?.address ?? null
}

/** Is this a local part that makeSrs may have made? */
export const isSrs = (local: string): boolean => local.startsWith(PREFIX)

/** The sender behind a local part; null when it was not made here, or more than 14 days ago. */
export function readSrs(key: Buffer, local: string, now: Date): string | null {
  const [, hash, day, domain, first] = /^srs0=([a-z2-7]{8})=([a-z2-7]{2})=([^=@]+)=([^@]+)$/.exec(local) ?? []
  if (hash === undefined || day === undefined || domain === undefined || first === undefined) return null
  if (!sameBytes(Buffer.from(hash), Buffer.from(hashOf(key, day, domain, first)))) return null
  const made = ALPHABET.indexOf(day[0] ?? '') * 32 + ALPHABET.indexOf(day[1] ?? '')
  const age = (dayOf(now) - made + DAYS) % DAYS
  return age <= VALID_DAYS ? (parseAddress(`${first}@${domain}`)?.address ?? null) : null
}
