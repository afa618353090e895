import { deriveKey, sha256 } from '#lib/crypto/hash'
import { freshBytes } from '#lib/crypto/random'

/** Says what it is wherever it turns up, so that a scanner for leaked secrets can find it. */
const PREFIX = 'mtk_'
const TOKEN_BYTES = 32
/** 43 characters of base64url; the last holds four bits and two that must be zero, so that a token has one spelling only. */
const SHAPE = /^mtk_[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

/** A new access token: 256 random bits, a b64token of RFC 6750 section 2.1. */
export const newAccessToken = (): string => `${PREFIX}${freshBytes(TOKEN_BYTES).toString('base64url')}`

/** Is this shaped like one of ours? Then it is worth looking up. */
export const isAccessTokenText = (text: string): boolean => SHAPE.test(text)

/** SHA-256, 32 bytes: enough for 256 random bits. */
export const hashAccessToken = (token: string): Buffer => sha256(`access-token/v1|${token}`)

/** The key under which the owner's address lies beside the hash: whoever has the token has it, and nobody else. */
export const accessTokenKey = (token: string): Buffer =>
  deriveKey(Buffer.from(token.slice(PREFIX.length), 'base64url'), 'access-token address/v1')
