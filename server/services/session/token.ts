import { randomBytes } from 'node:crypto'
import { sha256 } from '#lib/crypto/hash'

/** A session's token: 32 random bytes, base64url (43 characters). The database knows its SHA-256 only. */
export const newToken = (): string => randomBytes(32).toString('base64url')

/** What a token is known by, or null for what cannot be one. */
export const tokenHash = (token: string): Buffer | null => (/^[\w-]{43}$/.test(token) ? sha256(token) : null)
