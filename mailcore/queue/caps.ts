import type { Databases } from '#db/client'
import { countBounce, takeSend } from '#db/control/queries/send-count'
import { LIMITS } from '#lib/limits'
import type { Log } from '#lib/log'
import type { BounceCount, SendingCaps } from '#mailcore/ports'

/**
 * Counts what is sent, per account, tenant and reseller and hour, in the database, so that all processes count together (S-16). What goes beyond an
 * account's cap freezes it: a burst is a stolen password far more often than a person. Whoever cares for the account lifts it.
 */
export function createSendingCaps(parts: { db: Databases; log: Log }): SendingCaps & BounceCount {
  const { db, log } = parts
  const { account, tenant, reseller, bouncesLeast, bouncesPercent } = LIMITS.sending
  return {
    take: async ({ tenantId, accountId }, recipients) => {
      const caps = { account, tenant, reseller }
      const refused = await takeSend(db.control.lookup, { tenantId, accountId, recipients }, caps)
      if (!refused) return { ok: true }
      log.warn('sending.refused', { account: accountId, ...refused })
      return { ok: false, ...refused }
    },
    bounced: async ({ tenantId, accountId }) => {
      const bounds = { least: bouncesLeast, percent: bouncesPercent }
      if (await countBounce(db.control.lookup, { tenantId, accountId }, bounds))
        log.warn('sending.frozen', { account: accountId, cause: 'bounces' })
    },
  }
}
