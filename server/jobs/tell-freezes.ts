import { type AccountRow, selectLivingAccounts } from '#db/control/queries/account'
import { type FreezeRow, selectFreshFreezes } from '#db/control/queries/send-count'
import { HOUR_MS, MINUTE_MS } from '#lib/clock'
import { codeOf } from '#lib/errors'
import type { AccountId, TenantId } from '#lib/ids'
import { readProfile } from '#server/directory-cache'
import type { Job } from '#server/jobs/job'
import type { ServiceContext } from '#server/services'

/** Shorter than the day for which a mailbox knows a notice again. */
const FRESH_MS = 20 * HOUR_MS

/** Tells the admins of a tenant, in their mailboxes, that a cap has stopped one of its accounts: a stolen account is found by what it sends (S-16). */
export const tellFreezes: Job = {
  name: 'tell-freezes',
  everyMs: MINUTE_MS,
  run: async (ctx) => {
    const since = new Date(ctx.clock.now().getTime() - FRESH_MS)
    const fresh = await ctx.db.control.withSystem('tenant sweep', (tx) => selectFreshFreezes(tx, since))
    let told = 0
    for (const freeze of fresh) {
      if (freeze.tenantId === null) continue
      try {
        told += await tell(ctx, freeze.tenantId, freeze)
      } catch (error) {
        ctx.log.warn('freeze not told', { tenant: freeze.tenantId, error: codeOf(error) })
      }
    }
    return told
  },
}

async function tell(ctx: ServiceContext, tenantId: TenantId, freeze: FreezeRow): Promise<number> {
  const accounts = await ctx.db.control.withTenant(tenantId, (tx) => selectLivingAccounts(tx, tenantId))
  const frozen = accounts.find(({ id }) => id === (freeze.scopeId as string as AccountId))
  if (!frozen) return 0
  const addressOf = await addresses(ctx, tenantId)
  const name = addressOf(frozen)
  if (name === null) return 0
  const admins = accounts.filter(({ role, state }) => role === 'admin' && state === 'active')
  for (const admin of admins) {
    const address = addressOf(admin)
    if (address === null) continue
    const { id: accountId, region, publicKey, keyVersion } = admin
    await ctx.core.notify(
      { mailbox: { tenantId, accountId, region, publicKey, keyVersion }, address },
      { key: `freeze ${freeze.scopeId} ${freeze.frozenAt.toISOString()}`, ...words(name, freeze) },
    )
  }
  return admins.length
}

async function addresses(ctx: ServiceContext, tenantId: TenantId): Promise<(row: AccountRow) => string | null> {
  const keys = await ctx.core.keys.profileKeys(tenantId)
  return ({ id, profileSealed }) => {
    const key = keys.get(id)
    return key && profileSealed ? readProfile(key, profileSealed, tenantId, id).address : null
  }
}

function words(name: string, { cause, frozenAt }: FreezeRow): { subject: string; text: string } {
  const why =
    cause === 'bounces'
      ? 'Too many of the addresses it wrote to refused its mail.'
      : 'It wrote to more people outside in a short time than its cap allows.'
  return {
    subject: `Sending is stopped for ${name}`,
    text: [
      `Since ${frozenAt.toISOString().slice(0, 16).replace('T', ' ')} UTC nothing more leaves from ${name}. ${why}`,
      'Mail still comes in, and mail to people here still goes through.',
      'If its owner did not send this, somebody else has the password: give the account a new one under People, which ends all its sessions.',
      'When all is well again, let it send under Outgoing mail.',
    ].join('\n\n'),
  }
}
