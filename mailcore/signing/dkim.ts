import { createHash, type KeyObject, sign as signWith } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { dkimBody } from 'mailauth/lib/dkim/body/index.js'
import { generateCanonicalizedHeader } from 'mailauth/lib/dkim/header/index.js'
import { formatSignatureHeaderLine } from 'mailauth/lib/tools.js'
import { firstValue, readHeader } from '#mailcore/proto/header'
import { signedFields } from './fields'
import type { SigningAlgorithm } from './key-pair'

/** A key of a domain, open. */
export interface OpenKey {
  domain: string
  selector: string
  algorithm: SigningAlgorithm
  privateKey: KeyObject
}

/** The body is hashed in pieces, with a turn of the event loop between: 50 MB would hold up every other delivery. */
const PIECE_BYTES = 64 * 1024

// With a callback the signature is made on a thread of the pool.
const signAside = promisify(signWith) as (algorithm: string | null, data: Buffer, key: KeyObject) => Promise<Buffer>

/**
 * One DKIM-Signature field for each key, with CRLF: relaxed/relaxed, no l= (RFC 6376 8.2), no z=, no x=, and no t=, which would say when the message left
 * rather than when it was written. '' where there is no key or the message has no From (5.4). `message` is canonical CRLF.
 *
 * mailauth canonicalises and formats; its own signer is passed by because it cannot name a field more often than it occurs.
 */
export async function dkimFields(keys: readonly OpenKey[], message: Buffer): Promise<string> {
  const header = readHeader(message)
  if (keys.length === 0 || firstValue(header, 'from') === undefined) return ''
  const bodyHash = await hashBody(message.subarray(header.bodyStart))
  const fields = signedFields(header)
  const lines = await Promise.all(keys.map((key) => signatureLine(key, fields, bodyHash)))
  return lines.map((line) => `${line}\r\n`).join('')
}

async function signatureLine(key: OpenKey, fields: ReturnType<typeof signedFields>, bodyHash: string): Promise<string> {
  const { canonicalizedHeader, dkimHeaderOpts } = generateCanonicalizedHeader('DKIM', fields, {
    signingDomain: key.domain,
    selector: key.selector,
    algorithm: key.algorithm,
    canonicalization: 'relaxed/relaxed',
    bodyHash,
    timestamp: false,
    expiration: false,
  })
  // RFC 8463 section 3: Ed25519 signs the SHA-256 of what RSA would sign.
  const signature =
    key.algorithm === 'rsa-sha256'
      ? await signAside('sha256', canonicalizedHeader, key.privateKey)
      : await signAside(null, createHash('sha256').update(canonicalizedHeader).digest(), key.privateKey)
  return formatSignatureHeaderLine('DKIM', { ...dkimHeaderOpts, b: signature.toString('base64') }, true)
}

async function hashBody(body: Buffer): Promise<string> {
  const hasher = dkimBody('relaxed', 'sha256')
  for (let at = 0; at < body.length; at += PIECE_BYTES) {
    if (at > 0) await nextTurn()
    hasher.update(body.subarray(at, at + PIECE_BYTES))
  }
  return hasher.digest('base64')
}
