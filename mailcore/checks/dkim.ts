import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { arc as verifyArc } from 'mailauth/lib/arc/index.js'
import { DkimVerifier, type SignatureHeader } from 'mailauth/lib/dkim/dkim-verifier.js'
import type { Header } from '#mailcore/proto/header'
import { dnsError, type MailauthResolver } from './dns'

/** One signature (RFC 6376) and what became of it, in the words of RFC 8601 2.7.1. */
export interface DkimResult {
  result: string
  /** '' where it names none that can be shown */
  domain: string
  selector: string
  /** The first characters of b=, which tell signatures of one key apart (RFC 6008) */
  signature: string
}

export interface Signatures {
  dkim: readonly DkimResult[]
  arc: { result: 'none' | 'pass' | 'fail'; sealer: string }
}

/** S-14: honest mail has one or two signatures, and seldom a third of a list. */
export const SIGNATURES_MOST = 5
/** S-14: of the 50 that RFC 8617 allows; real chains have up to 4. Each costs an RSA verification over all sets before it. */
export const ARC_SETS_MOST = 20
/** RFC 8301 3.2. Keys beyond 4096 bits need not be verified, and cost the more. */
const KEY_BITS_LEAST = 1_024
/** base64 of a 4096 bit RSA key as SubjectPublicKeyInfo, 550 bytes; modulus and exponent share it, so that a huge exponent fits no better. */
const KEY_TEXT_MOST = 736
/** Fields of a header beyond which no signature is looked at: the cost of choosing the signed ones is their product with h=. */
const FIELDS_MOST = 500
const HEADER_BYTES_MOST = 128 * 1024
/** The body is hashed in pieces, with a turn of the event loop between: 50 MB would hold up everyone else for a second. */
const PIECE_BYTES = 64 * 1024

const ARC_FIELDS = new Set(['arc-seal', 'arc-message-signature', 'arc-authentication-results'])

/** How many signatures and seals a header claims. */
export function countSignatures(header: Header): { dkim: number; arc: number } {
  let dkim = 0
  let arc = 0
  for (const { name } of header.fields) {
    if (name === 'dkim-signature') dkim++
    else if (ARC_FIELDS.has(name)) arc++
  }
  return { dkim, arc }
}

/** mailauth's verifier within our limits. */
class Verifier extends DkimVerifier {
  private seen = 0

  override prepareSignature(header: SignatureHeader): void {
    super.prepareSignature(header)
    if (header.type === 'DKIM' && ++this.seen > SIGNATURES_MOST) header.skip = 'too many signatures'
    // RFC 6376 8.2: what comes after the signed part is anybody's. Never counts as signed.
    else if (typeof header.maxBodyLength === 'number' && !header.skip) header.invalid = 'l= is not honoured'
  }
}

/** Verifies a message's signatures and its ARC chain. Never throws over what the message holds. */
export async function verifySignatures(
  message: Buffer,
  header: Header,
  resolver: MailauthResolver,
): Promise<Signatures> {
  const claimed = countSignatures(header)
  const nothing = { result: 'none', sealer: '' } as const
  if (claimed.dkim === 0 && claimed.arc === 0) return { dkim: [], arc: nothing }
  const tooMuch = header.fields.length > FIELDS_MOST || header.bodyStart > HEADER_BYTES_MOST
  const failed: Signatures['arc'] = claimed.arc > 0 ? { result: 'fail', sealer: '' } : nothing
  if (tooMuch) return { dkim: [{ result: 'permerror', domain: '', selector: '', signature: '' }], arc: failed }
  const keys = soundKeys(resolver)
  const verifier = new Verifier({ resolver: keys, minBitLength: KEY_BITS_LEAST, strict: true })
  try {
    await feed(verifier, message)
  } catch {
    return { dkim: [{ result: 'permerror', domain: '', selector: '', signature: '' }], arc: failed }
  }
  const dkim = verifier.results
    .filter((one) => one.signingDomain !== undefined && one.status.comment !== 'too many signatures')
    .map((one) => ({
      result: one.status.result,
      domain: (one.signingDomain ?? '').toLowerCase(),
      selector: one.selector ?? '',
      signature: (one.signature ?? '').slice(0, 8),
    }))
  if (claimed.arc === 0 || claimed.arc > ARC_SETS_MOST * ARC_FIELDS.size) return { dkim, arc: failed }
  const arc = await verifyArc(verifier.arc, { resolver: keys, minBitLength: KEY_BITS_LEAST, strict: true })
  const passed = arc.status.result === 'pass'
  const sealer = passed && arc.signature ? (arc.signature.signingDomain ?? '').toLowerCase() : ''
  return { dkim, arc: { result: passed ? 'pass' : 'fail', sealer } }
}

/** Keys that are too long to be worth verifying are no keys. */
const soundKeys =
  (resolver: MailauthResolver): MailauthResolver =>
  async (name, type) => {
    const records = await resolver(name, type)
    const text = Array.isArray(records) ? [records[0] ?? ''].flat().join('').replace(/\s+/g, '') : ''
    const key = /(?:^|;)p=([^;]*)/.exec(text)?.[1] ?? ''
    if (key.replace(/=+$/, '').length > KEY_TEXT_MOST) throw dnsError('EINVALIDVAL')
    return records
  }

async function feed(verifier: Verifier, message: Buffer): Promise<void> {
  const failed = new Promise<never>((_, reject) => verifier.once('error', reject))
  failed.catch(() => undefined)
  const finished = once(verifier, 'finish')
  finished.catch(() => undefined)
  for (let at = 0; at < message.length; at += PIECE_BYTES) {
    if (!verifier.write(message.subarray(at, at + PIECE_BYTES)))
      await Promise.race([failed, once(verifier, 'drain'), finished])
    if (at > 0) await nextTurn()
  }
  verifier.end()
  await Promise.race([failed, finished])
}
