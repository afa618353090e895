import { type LiveSession, liveSession, touchSession } from '#db/control/queries/session'
import { LIMITS } from '#lib/limits'
import type { Actor, ServiceContext } from '#server/services'
import { tokenHash } from '#server/services/session/token'

export interface FoundLiveSession {
  actor: Actor
  /** Names this session in the list of sessions: its token's hash in hexadecimal. */
  sessionId: string
  expiresAt: Date
}

/** Who is behind a token, read anew for every request: null when it is unknown, over, or its account or staff is not active any more. */
export async function readSession(ctx: ServiceContext, token: string): Promise<FoundLiveSession | null> {
  const hash = tokenHash(token)
  if (!hash) return null
  const row = await liveSession(ctx.db.control.lookup, { tokenHash: hash, idleS: LIMITS.sessionIdleMs / 1000 })
  if (row?.state !== 'active') return null
  const actor = actorOf(row)
  if (!actor) return null
  await touchSession(ctx.db.control.lookup, hash)
  return { actor, sessionId: hash.toString('hex'), expiresAt: row.expiresAt }
}

function actorOf(row: LiveSession): Actor | null {
  const { tenantId, accountId, staffId, resellerId, region } = row
  if (row.kind === 'staff') {
    if (!staffId) return null
    if (row.staffKind === 'operator') return { kind: 'operator', staffId }
    return row.staffKind === 'reseller' && resellerId ? { kind: 'reseller', staffId, resellerId } : null
  }
  if (!tenantId || !accountId || !resellerId || !region) return null
  const kind = row.role === 'admin' ? ('domain-admin' as const) : ('subscriber' as const)
  return { kind, tenantId, accountId, resellerId, region }
}
