import { endSession as deleteSession, type LiveSession, liveSession, touchSession } from '#db/control/queries/session'
import { sha256 } from '#lib/crypto/hash'
import { codeOf } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import type { Actor, ServiceContext } from '#server/services'

/** A session that lives, and who acts in it. The token's hash names it in the database; the token is in the cookie only. */
export interface FoundSession {
  actor: Actor
  tokenHash: Buffer
  expiresAt: Date
}

/** 32 random bytes in base64url: what a session's token looks like. Anything else is not worth a query. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/

/** The session behind a cookie's token, asked of the database every time, so that a revocation holds at once. Null when it is over, revoked, idle too long, or its owner may not act. */
export async function findSession(ctx: ServiceContext, token: string | null): Promise<FoundSession | null> {
  if (token === null || !TOKEN.test(token)) return null
  const tokenHash = sha256(token)
  const { lookup } = ctx.db.control
  const row = await liveSession(lookup, { tokenHash, idleS: LIMITS.sessionIdleMs / 1_000 })
  if (row?.state !== 'active') return null
  const actor = actorOf(row)
  if (!actor) return null
  // Nobody waits for the note that the session was seen.
  touchSession(lookup, tokenHash).catch((error: unknown) => {
    ctx.log.warn('session not touched', { code: codeOf(error) })
  })
  return { actor, tokenHash, expiresAt: row.expiresAt }
}

/** Ends a session on the server: the cookie is worth nothing afterwards, wherever a copy of it is. */
export async function endSession(ctx: ServiceContext, token: string | null): Promise<void> {
  if (token !== null && TOKEN.test(token)) await deleteSession(ctx.db.control.lookup, sha256(token))
}

function actorOf(row: LiveSession): Actor | null {
  if (row.kind === 'staff') return staffActor(row)
  const { tenantId, accountId, resellerId, region } = row
  if (!tenantId || !accountId || !resellerId || !region) return null
  return { kind: row.role === 'admin' ? 'domain-admin' : 'subscriber', tenantId, accountId, resellerId, region }
}

function staffActor({ staffId, staffKind, resellerId }: LiveSession): Actor | null {
  if (!staffId) return null
  if (staffKind === 'operator') return { kind: 'operator', staffId }
  return staffKind === 'reseller' && resellerId ? { kind: 'reseller', staffId, resellerId } : null
}
