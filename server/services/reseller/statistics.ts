import { type AccountState, countAccountsByState } from '#db/control/queries/account'
import { lockReseller } from '#db/control/queries/seats'
import { selectTenantsWithCounts } from '#db/control/queries/tenant'
import { Fault } from '#lib/errors'
import type { ResellerId } from '#lib/ids'
import { authoriseReseller } from '#server/access'
import type { Actor, ServiceContext } from '#server/services'

export interface ResellerStatistics {
  tenants: number
  seats: { cap: number; claimed: number; used: number; free: number }
  domains: { cap: number | null; used: number }
  accounts: Record<AccountState, number>
  /** `claimedBytes`: caps of tenants and quotas of accounts; `capBytes` null where the reseller has no cap. */
  storage: { usedBytes: number; messages: number; capBytes: number | null; claimedBytes: number }
}

/** Counts over a reseller's tenants: nothing about any one person. */
export async function resellerStatistics(
  ctx: ServiceContext,
  actor: Actor,
  input: { resellerId: ResellerId },
): Promise<ResellerStatistics> {
  const { resellerId } = input
  await authoriseReseller(ctx, actor, 'reseller.read', resellerId)
  const { room, tenants, accounts } = await ctx.db.control.withReseller(resellerId, async (tx) => ({
    room: await lockReseller(tx, resellerId),
    tenants: await selectTenantsWithCounts(tx, { resellerId }),
    accounts: await countAccountsByState(tx),
  }))
  if (!room) throw new Fault('NOT_FOUND', 'There is no such reseller.')
  const storage = { usedBytes: 0, messages: 0, capBytes: room.storageCap, claimedBytes: room.storageClaimed }
  for (const tenant of tenants) {
    for (const usage of (await ctx.core.usage(tenant.id, tenant.region)).values()) {
      storage.usedBytes += usage.usedBytes
      storage.messages += usage.messages
    }
  }
  const used = tenants.reduce((sum, tenant) => sum + tenant.seatsUsed, 0)
  return {
    tenants: tenants.length,
    seats: {
      cap: room.seatsCap,
      claimed: room.seatsClaimed,
      used,
      free: Math.max(0, room.seatsCap - room.seatsClaimed),
    },
    domains: { cap: room.domainsCap, used: room.domainsUsed },
    accounts,
    storage,
  }
}
