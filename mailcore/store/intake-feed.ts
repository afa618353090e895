import type { Databases } from '#db/client'
import { selectPending, takeTurn } from '#db/mail/queries/intake'
import { type AccountId, isUuid, type TenantId } from '#lib/ids'
import type { IntakeFeed } from '#mailcore/ports'

/** Whose mail waits for a script; see ports.IntakeFeed. */
export function createIntakeFeed(db: Databases): IntakeFeed {
  return {
    pending: async (most) => {
      const found = await Promise.all(
        db.regions.map(async (region) => (await selectPending(db.mail(region), most)).map((at) => ({ ...at, region }))),
      )
      return found.flat()
    },
    onArrival: async (listener, onGap) => {
      const stops = await Promise.all(
        db.regions.map((region) =>
          db.mail(region).listen(
            'intake',
            (payload) => {
              const [tenantId, accountId] = payload.split(' ')
              if (tenantId && accountId && isUuid(tenantId) && isUuid(accountId))
                listener({ tenantId: tenantId as TenantId, accountId: accountId as AccountId, region })
            },
            onGap,
          ),
        ),
      )
      return async () => {
        await Promise.all(stops.map((stop) => stop()))
      }
    },
    // The transaction does nothing but hold the turn: it has no snapshot and no row, so it keeps vacuum from nothing. A worker that loses this connection
    // alone goes on without its turn: what it files is still filed once, since filing asks the row in intake and not the turn.
    inTurn: ({ tenantId, accountId, region }, work) =>
      db.mail(region).withTenant(tenantId, async (tx) => {
        const ours = await takeTurn(tx, accountId)
        if (ours) await work()
        return ours
      }),
  }
}
