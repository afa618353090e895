import { lockAccount } from '#db/control/queries/account'
import { insertSession } from '#db/control/queries/session'
import { Fault } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import type { ServiceContext } from '#server/services'
import { sealDevice } from '#server/services/session/device'
import type { Proven } from '#server/services/session/sign-in'
import { newToken, tokenHash } from '#server/services/session/token'
import { staffKey } from '#server/services/staff/profile'

/** Begins a web session for whoever has just proven themselves. `device`: browser family and system in a few words. Returns the cookie's token. */
export async function startSession(
  ctx: ServiceContext,
  proven: Proven,
  device: string,
): Promise<{ token: string; expiresAt: Date }> {
  const token = newToken()
  const hash = tokenHash(token)
  if (!hash) throw new Fault('INTERNAL', 'No session could be made.')
  const now = ctx.clock.now()
  const expiresAt = new Date(now.getTime() + LIMITS.sessionLongestMs)
  const common = { tokenHash: hash, createdAt: now, lastSeenAt: now, expiresAt }
  switch (proven.kind) {
    case 'account': {
      const { tenantId, accountId, epoch } = proven
      const key = await ctx.core.keys.profileKey(tenantId, accountId)
      const deviceSealed = sealDevice(key, hash, device)
      await ctx.db.control.withTenant(tenantId, async (tx) => {
        // Locked, so that a suspension in this moment either finds the session or is seen here.
        const account = await lockAccount(tx, { tenantId, accountId })
        if (account?.state !== 'active') throw new Fault('FORBIDDEN', 'This account is suspended.')
        // The password that was right a moment ago may be the one that was just changed because a stranger knew it.
        if (account.signInEpoch !== epoch)
          throw new Fault('UNAUTHENTICATED', 'The password was changed a moment ago. Please sign in with the new one.')
        await insertSession(tx, {
          ...common,
          kind: 'account',
          tenantId,
          accountId,
          epoch,
          deviceSealed,
        })
      })
      break
    }
    case 'staff': {
      const { staffId, resellerId, epoch } = proven
      const deviceSealed = sealDevice(await staffKey(ctx, resellerId), hash, device)
      await ctx.db.control.withSystem('staff sign-in', (tx) =>
        insertSession(tx, { ...common, kind: 'staff', staffId, epoch, deviceSealed }),
      )
      break
    }
  }
  return { token, expiresAt }
}
