import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'
import { type Context, newKey, open, seal } from '#lib/crypto/aead'
import { Fault } from '#lib/errors'

/**
 * Wrapping a message key to an account's public key: X25519 (RFC 7748), HKDF-SHA-256 (RFC 5869), AES-256-GCM.
 *
 * A box is: 1 byte format (1 = X25519; a hybrid with ML-KEM takes the next number), 32 bytes ephemeral public key, then a sealed key whose header names
 * the version of the recipient's pair. Whoever delivers holds no private key, so a broken MX cannot read mail.
 */
const FORMAT = 1
const PUBLIC_BYTES = 32
export const BOX_OVERHEAD_BYTES = 1 + PUBLIC_BYTES

// DER prefixes of a raw X25519 key (RFC 8410 section 7), so that 32 bytes are all we ever store.
const SPKI = Buffer.from('302a300506032b656e032100', 'hex')
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex')

export interface KeyPair {
  /** 32 bytes */
  publicKey: Buffer
  /** 32 bytes */
  privateKey: Buffer
}

const publicObject = (raw: Buffer): KeyObject =>
  createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' })
const privateObject = (raw: Buffer): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8, raw]), format: 'der', type: 'pkcs8' })

/** A new X25519 pair as raw bytes. */
export function newKeyPair(): KeyPair {
  const pair = generateKeyPairSync('x25519')
  return {
    publicKey: pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI.length),
    privateKey: pair.privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8.length),
  }
}

const agree = (secret: KeyObject, other: KeyObject, ephemeral: Buffer, recipient: Buffer): Buffer =>
  Buffer.from(
    hkdfSync(
      'sha256',
      diffieHellman({ privateKey: secret, publicKey: other }),
      Buffer.concat([ephemeral, recipient]),
      'mailtight/box/v1',
      32,
    ),
  )

/** A key agreed with one recipient, good for many messages within a short interval. */
export interface Agreement {
  readonly ephemeral: Buffer
  readonly key: Buffer
  readonly keyVersion: number
}

/** Agrees a wrapping key with `recipient` (32-byte public key, of pair version `keyVersion`) under a fresh ephemeral pair. */
export function agreeWith(recipient: Buffer, keyVersion: number): Agreement {
  const pair = generateKeyPairSync('x25519')
  const ephemeral = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI.length)
  return { ephemeral, key: agree(pair.privateKey, publicObject(recipient), ephemeral, recipient), keyVersion }
}

/** Wraps a message key under an agreement. The nonce is random; see docs/security.md for the count it allows. */
export function wrapKey(agreement: Agreement, key: Buffer, context: Context): Buffer {
  return Buffer.concat([
    Buffer.of(FORMAT),
    agreement.ephemeral,
    seal(agreement.key, key, context, agreement.keyVersion),
  ])
}

/** One recipient's side: opens boxes, and remembers agreements so that 10,000 messages do not cost 10,000 of them. */
export class BoxOpener {
  readonly #pair: KeyPair
  readonly #agreed = new Map<string, KeyObject>()

  constructor(pair: KeyPair) {
    this.#pair = pair
  }

  /** The message key inside `box`. Throws a Fault when it was made for another recipient or context. */
  unwrap(box: Uint8Array, context: Context): Buffer {
    const bytes = Buffer.from(box.buffer, box.byteOffset, box.byteLength)
    if (bytes[0] !== FORMAT || bytes.length <= BOX_OVERHEAD_BYTES) {
      throw new Fault('INTERNAL', 'A stored item could not be opened with its key.', { internal: 'unreadable:box' })
    }
    const ephemeral = bytes.subarray(1, BOX_OVERHEAD_BYTES)
    const name = ephemeral.toString('latin1')
    let key = this.#agreed.get(name)
    if (!key) {
      key = createSecretKey(
        agree(privateObject(this.#pair.privateKey), publicObject(ephemeral), ephemeral, this.#pair.publicKey),
      )
      if (this.#agreed.size >= 10_000) this.#agreed.clear() // bounds memory: 10,000 agreements are about 2 MB
      this.#agreed.set(name, key)
    }
    return open(key, bytes.subarray(BOX_OVERHEAD_BYTES), context)
  }
}

/** How long, and for how many messages, one agreement serves: bounds what one leaked ephemeral secret could open. */
const AGREEMENT_MS = 60_000
const AGREEMENT_USES = 5_000

/** The sender's side: one agreement per recipient and short interval. */
export class BoxSealer {
  readonly #agreements = new Map<string, Agreement & { until: number; uses: number }>()

  /** A fresh message key and its wrap for the recipient with this public key. */
  newMessageKey(recipient: Buffer, keyVersion: number, context: Context): { key: Buffer; wrapped: Buffer } {
    const key = newKey()
    return { key, wrapped: this.wrap(recipient, keyVersion, key, context) }
  }

  /** Wraps `key` for the recipient with this public key. */
  wrap(recipient: Buffer, keyVersion: number, key: Buffer, context: Context): Buffer {
    const name = recipient.toString('latin1')
    const now = Date.now()
    let agreement = this.#agreements.get(name)
    if (
      !agreement ||
      agreement.until < now ||
      agreement.uses >= AGREEMENT_USES ||
      agreement.keyVersion !== keyVersion
    ) {
      if (this.#agreements.size >= 10_000) this.#agreements.clear()
      agreement = { ...agreeWith(recipient, keyVersion), until: now + AGREEMENT_MS, uses: 0 }
      this.#agreements.set(name, agreement)
    }
    agreement.uses++
    return wrapKey(agreement, key, context)
  }
}
