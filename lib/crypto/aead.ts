import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { freshBytes } from '#lib/crypto/random'
import { Fault } from '#lib/errors'

/**
 * Authenticated encryption, AES-256-GCM (NIST SP 800-38D).
 *
 * A sealed value is: 1 byte format (1), 2 bytes key version (big endian), 12 bytes random nonce, ciphertext, 16 bytes tag.
 * The header is authenticated together with the associated data, so neither format nor key version can be altered.
 */
const FORMAT = 1
const HEADER_BYTES = 3
const NONCE_BYTES = 12
const TAG_BYTES = 16
export const SEAL_OVERHEAD_BYTES = HEADER_BYTES + NONCE_BYTES + TAG_BYTES
export const KEY_BYTES = 32

/** What a ciphertext is bound to: a purpose with its format version, then tenant and object ids, joined unambiguously. */
export type Context = readonly [purpose: string, ...ids: (string | number)[]]

// Handed raw bytes, Node 24 spends 7 microseconds finding out that they are no key object; making one takes 1.
const keyObject = (key: Buffer | KeyObject): KeyObject => (Buffer.isBuffer(key) ? createSecretKey(key) : key)

const bind = (header: Buffer, context: Context): Buffer => Buffer.concat([header, Buffer.from(context.join('|'))])

/** Seals `plain` (bytes) under a key of 32 bytes, raw or as a key object; `keyVersion` 0..65535 names the key for whoever opens it. */
export function seal(key: Buffer | KeyObject, plain: Buffer, context: Context, keyVersion = 1): Buffer {
  const header = Buffer.allocUnsafe(HEADER_BYTES)
  header[0] = FORMAT
  header.writeUInt16BE(keyVersion, 1)
  const nonce = freshBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', keyObject(key), nonce)
  cipher.setAAD(bind(header, context))
  return Buffer.concat([header, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** The key version a sealed value names. Not yet authenticated: use it only to choose the key. */
export function sealedKeyVersion(sealed: Uint8Array): number {
  if (sealed.length < SEAL_OVERHEAD_BYTES || sealed[0] !== FORMAT) throw unreadable('format')
  return ((sealed[1] ?? 0) << 8) | (sealed[2] ?? 0)
}

/** Opens what `seal` made. Throws a Fault when a single bit of key, header, text, tag or context differs. */
export function open(key: Buffer | KeyObject, sealed: Uint8Array, context: Context): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  if (bytes.length < SEAL_OVERHEAD_BYTES || bytes[0] !== FORMAT) throw unreadable(context[0])
  const header = bytes.subarray(0, HEADER_BYTES)
  const decipher = createDecipheriv(
    'aes-256-gcm',
    keyObject(key),
    bytes.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES),
  )
  decipher.setAAD(bind(header, context))
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES))
  const plain = decipher.update(bytes.subarray(HEADER_BYTES + NONCE_BYTES, bytes.length - TAG_BYTES))
  try {
    decipher.final()
  } catch (cause) {
    throw unreadable(context[0], cause)
  }
  return plain
}

const unreadable = (what: string, cause?: unknown) =>
  new Fault('INTERNAL', 'A stored item could not be opened with its key.', { internal: `unreadable:${what}`, cause })

/** A new random key or token of 32 bytes. */
export const newKey = (): Buffer => freshBytes(KEY_BYTES)
