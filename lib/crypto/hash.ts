import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

/** HMAC-SHA-256 of `text` under `key`, the first 16 bytes: what a look-up by address or name uses instead of the clear text. */
export const keyedHash = (key: Buffer, purpose: string, text: string): Buffer =>
  createHmac('sha256', key).update(`${purpose}|${text}`).digest().subarray(0, 16)

/** SHA-256, 32 bytes. */
export const sha256 = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest()

/** A key of 32 bytes derived from another for one purpose (HKDF-SHA-256, RFC 5869). Never from a password. */
export const deriveKey = (key: Buffer, purpose: string, salt: Buffer | string = ''): Buffer =>
  Buffer.from(hkdfSync('sha256', key, salt, purpose, 32))

/** Equality in time independent of the contents; different lengths are unequal. */
export const sameBytes = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b)
