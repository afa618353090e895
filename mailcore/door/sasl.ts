import { decodeBase64, oauthFailure, parseOAuthBearer, parsePlain, parseXOAuth2 } from '#mailcore/proto/sasl'
import type { Credentials } from './sign-in'

export const MECHANISMS = ['PLAIN', 'LOGIN', 'OAUTHBEARER', 'XOAUTH2'] as const
export type Mechanism = (typeof MECHANISMS)[number]

/** What a client answered to a challenge; `*` cancels (RFC 4422 section 3.5). */
export type SaslAnswer = { kind: 'response'; data: Buffer } | { kind: 'cancelled' } | { kind: 'malformed' }

/** What came out of an exchange; null when the client has gone. */
export type SaslOutcome =
  | { kind: 'credentials'; credentials: Credentials }
  /** Well-formed, but nobody's: acting for another, or a message without a name. Counts as a failed sign-in. */
  | { kind: 'refused' }
  | { kind: 'cancelled' }
  | { kind: 'malformed' }

/** Sends a challenge, given in base64, and reads the answer; null when the client has gone. */
export type SaslAsk = (challenge: string) => Promise<SaslAnswer | null>

/** The longest token we take: an OAuth token of ours has some hundred bytes, those of others up to 8 KB; a third more in base64. */
export const SASL_BYTES = 12 * 1024

const CHALLENGES = { username: 'VXNlcm5hbWU6', password: 'UGFzc3dvcmQ6' } as const

/** The mechanism of this name (RFC 4422 section 3.1: names are upper case, some clients write them otherwise). */
export const mechanismOf = (name: string): Mechanism | undefined =>
  MECHANISMS.find((mechanism) => mechanism === name.toUpperCase())

/** A response in base64, or `*`. */
export function readAnswer(text: string): SaslAnswer {
  if (text === '*') return { kind: 'cancelled' }
  const data = text.length <= SASL_BYTES ? decodeBase64(text) : null
  return data ? { kind: 'response', data } : { kind: 'malformed' }
}

/** Leads a client through a mechanism up to its credentials; `initial` is its initial response, where it sent one. */
export async function readCredentials(
  mechanism: Mechanism,
  initial: SaslAnswer | null,
  ask: SaslAsk,
): Promise<SaslOutcome | null> {
  const first = initial ?? (await ask(mechanism === 'LOGIN' ? CHALLENGES.username : ''))
  if (first?.kind !== 'response') return first
  switch (mechanism) {
    case 'PLAIN': {
      const found = parsePlain(first.data)
      if (!found) return { kind: 'malformed' }
      return asOneself(found.authzid, found.authcid, { username: found.authcid, password: found.password })
    }
    case 'LOGIN': {
      const second = await ask(CHALLENGES.password)
      if (second?.kind !== 'response') return second
      const [username, password] = [textOf(first.data), textOf(second.data)]
      if (!username || !password) return { kind: 'refused' }
      return { kind: 'credentials', credentials: { username, password } }
    }
    case 'OAUTHBEARER': {
      const found = parseOAuthBearer(first.data)
      if (!found) return { kind: 'malformed' }
      return { kind: 'credentials', credentials: { username: found.authzid, token: found.token } }
    }
    case 'XOAUTH2': {
      const found = parseXOAuth2(first.data)
      if (!found) return { kind: 'malformed' }
      return { kind: 'credentials', credentials: { username: found.user, token: found.token } }
    }
    default:
      return mechanism satisfies never
  }
}

/**
 * The last step of a token that was refused (RFC 7628 section 3.2.2): the client is shown why, answers with anything, and only then comes the
 * refusal. Null when it has gone.
 */
export const endRefusedToken = (ask: SaslAsk): Promise<SaslAnswer | null> => ask(oauthFailure())

/** Nobody may act for another by PLAIN's first field: sharing is by ACL, and support by consent. */
const asOneself = (authzid: string, authcid: string, credentials: Credentials): SaslOutcome =>
  authzid === '' || authzid.toLowerCase() === authcid.toLowerCase()
    ? { kind: 'credentials', credentials }
    : { kind: 'refused' }

/** Valid UTF-8 without NUL, else null. */
export function textOf(bytes: Buffer): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.includes('\0') ? null : text
  } catch {
    return null
  }
}
