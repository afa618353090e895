import { deleteAccessTokens } from '#db/control/queries/access-token'
import { directoryChanged, selectAccount, updateAccount } from '#db/control/queries/account'
import { deleteMemberships } from '#db/control/queries/address-group'
import { deleteCredentials } from '#db/control/queries/credential'
import { quarantineAddresses } from '#db/control/queries/directory'
import { noteProgress } from '#db/control/queries/intent'
import { deleteSessions } from '#db/control/queries/session'
import { DAY_MS } from '#lib/clock'
import { Fault } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import { keyOf } from '#server/services/account/create-steps'
import type { IntentAction, IntentEnd } from '#server/services/intent-action'

/**
 * Keys first: from then on nothing of the account can be read, whatever else still lies about. Then its mail, then its rows; the address stays
 * listed by hash only until it may be given again. Each step finds nothing to do when it runs twice.
 */
export const eraseAccountSteps: IntentAction = async (ctx, intent): Promise<IntentEnd> => {
  const key = keyOf(intent)
  const account = await ctx.db.control.withTenant(key.tenantId, (tx) => selectAccount(tx, key))
  if (!account) throw new Fault('INTERNAL', 'The account of this act is not there.')
  if (account.state === 'closed') return { outcome: 'completed', facts: {} }
  const known = intent.input
  const note = (facts: typeof known) =>
    ctx.db.control.withTenant(key.tenantId, (tx) => noteProgress(tx, intent.id, facts))

  const keyRows =
    (await ctx.core.keys.destroyAccount(key.tenantId, key.accountId)) + Number(known.keyRowsDestroyed ?? 0)
  const unreadableLive = String(known.unreadableLive ?? ctx.clock.now().toISOString())
  await note({ keyRowsDestroyed: keyRows, unreadableLive })

  const erased = await ctx.core.eraseMailbox({ ...key, region: account.region })
  const messages = erased.messages + Number(known.messages ?? 0)
  const bytes = erased.bytes + Number(known.bytes ?? 0)
  await note({ messages, bytes })

  const now = ctx.clock.now()
  return {
    outcome: 'completed',
    facts: { keyRowsDestroyed: keyRows, unreadableLive, messages, bytes },
    commit: async (tx) => {
      const freeAt = new Date(now.getTime() + LIMITS.addressQuarantineDays * DAY_MS)
      await quarantineAddresses(tx, { ...key, freeAt })
      await deleteMemberships(tx, key)
      await deleteCredentials(tx, key, 'all')
      await deleteAccessTokens(tx, key)
      await deleteSessions(tx, key, 'all')
      await updateAccount(tx, key, {
        state: 'closed',
        closedAt: now,
        closingUntil: null,
        profileSealed: null,
        publicKey: Buffer.alloc(0),
      })
      await directoryChanged(tx, key.tenantId)
    },
  }
}
