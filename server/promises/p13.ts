import { selectTenantPlaces } from '#db/control/queries/tenant'
import { HOUR_MS } from '#lib/clock'
import { LIMITS } from '#lib/limits'
import { failing, kept, type PolicyPromise } from '#server/promises/promise'
import { everyAccount } from '#server/promises/sample'

export const p13: PolicyPromise = {
  id: 'P13',
  statement:
    "Mail stays until deleted by its owner; deleted mail lingers only as long as the account's own setting says, at most 30 days.",
  check: async ({ services }) => {
    const tenants = await services.db.control.withSystem('fsck', selectTenantPlaces)
    const anHourAgo = new Date(services.clock.now().getTime() - HOUR_MS)
    let overdue = 0
    // Purging what has been due for an hour finds nothing while the worker does its work; what it finds is gone then too.
    for (const { id, region } of tenants) overdue += await services.core.purgeDeleted(id, region, anHourAgo)
    if (overdue > 0) return failing(`${overdue} deleted messages were kept more than an hour beyond their days.`)
    let accounts = 0
    for await (const { id, state, recoverDays } of everyAccount(services)) {
      if (state === 'closed') continue
      accounts++
      if (recoverDays > LIMITS.recoverDays.most)
        return failing(`Account ${id} keeps deleted mail for ${recoverDays} days.`)
    }
    return kept(`No deleted message is beyond its days; ${accounts} accounts keep at most ${LIMITS.recoverDays.most}.`)
  },
}
