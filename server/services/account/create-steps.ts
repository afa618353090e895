import { deleteProvisioning, directoryChanged, selectAccount, updateAccount } from '#db/control/queries/account'
import { deleteCredentials } from '#db/control/queries/credential'
import { deleteAddresses } from '#db/control/queries/directory'
import type { IntentRow } from '#db/control/queries/intent'
import { seal } from '#lib/crypto/aead'
import { Fault } from '#lib/errors'
import { profileContext } from '#server/directory-cache'
import type { AccountTarget, ServiceContext } from '#server/services'
import type { IntentAction, IntentEnd } from '#server/services/intent-action'

/**
 * Keys, then the mailbox, then the account comes to life with its profile. Name and address are known to the caller alone; a run resumed without
 * them takes everything back, since the caller was never told that the account exists.
 */
export const createAccountSteps: IntentAction = async (ctx, intent, live): Promise<IntentEnd> => {
  const key = keyOf(intent)
  const account = await ctx.db.control.withTenant(key.tenantId, (tx) => selectAccount(tx, key))
  if (!account) return { outcome: 'failed', facts: { why: 'interrupted' } }
  if (account.state !== 'provisioning') return { outcome: 'completed', facts: {} }
  if (live?.address === undefined) return takeBack(ctx, key, account.region)
  const { profileKey, publicKey, keyVersion } = await ctx.core.keys.createAccount(key.tenantId, key.accountId)
  const { quotaBytes, recoverDays, region } = account
  await ctx.core.provisionMailbox({ ...key, region }, { quotaBytes, recoverDays })
  const profile = Buffer.from(JSON.stringify({ address: live.address, name: live.name ?? live.address }))
  const profileSealed = seal(profileKey, profile, profileContext(key.tenantId, key.accountId))
  return {
    outcome: 'completed',
    facts: {},
    commit: async (tx) => {
      const set = { profileSealed, publicKey, keyVersion, state: 'active' as const }
      const changed = await updateAccount(tx, key, set, ['provisioning'])
      if (!changed) throw new Fault('CONFLICT', 'This account was taken back meanwhile. Please try again.')
      await directoryChanged(tx, key.tenantId)
    },
  }
}

async function takeBack(ctx: ServiceContext, key: AccountTarget, region: IntentRegion): Promise<IntentEnd> {
  await ctx.core.eraseMailbox({ ...key, region })
  await ctx.core.keys.destroyAccount(key.tenantId, key.accountId)
  await ctx.db.control.withTenant(key.tenantId, async (tx) => {
    await deleteCredentials(tx, key, 'all')
    await deleteAddresses(tx, key)
  })
  return {
    outcome: 'failed',
    facts: { why: 'interrupted' },
    // The app's role may remove no account; this one never lived.
    system: 'intent sweep',
    commit: (tx) => deleteProvisioning(tx, key),
  }
}

type IntentRegion = Parameters<ServiceContext['core']['eraseMailbox']>[0]['region']

export function keyOf(intent: IntentRow): AccountTarget {
  const { tenantId, accountId } = intent
  if (!tenantId || !accountId) throw new Fault('INTERNAL', 'The act names no account.')
  return { tenantId, accountId }
}
