import { selectSessions } from '#db/control/queries/session'
import { authoriseAccount } from '#server/access'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { openDevice } from '#server/services/session/device'

export interface SessionView {
  id: string
  device: string
  createdAt: Date
  lastSeenAt: Date
  expiresAt: Date
}

/** The web sessions of an account, last seen first. */
export async function listSessions(ctx: ServiceContext, actor: Actor, input: AccountTarget): Promise<SessionView[]> {
  const { tenantId, accountId } = input
  const { account } = await authoriseAccount(ctx, actor, 'account.sessions', input)
  const rows = await ctx.db.control.withTenant(tenantId, (tx) =>
    selectSessions(tx, { tenantId, accountId }, account.signInEpoch),
  )
  const key = await ctx.core.keys.profileKey(tenantId, accountId)
  return rows.map((row) => ({
    id: row.tokenHash.toString('hex'),
    device: openDevice(key, row),
    createdAt: row.createdAt,
    lastSeenAt: row.lastSeenAt,
    expiresAt: row.expiresAt,
  }))
}
