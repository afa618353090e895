import { selectLivingAccounts, signOutEverywhere } from '#db/control/queries/account'
import { updateResellerState } from '#db/control/queries/reseller'
import { selectTenantsWithCounts } from '#db/control/queries/tenant'
import { Fault } from '#lib/errors'
import type { ResellerId } from '#lib/ids'
import { authoriseReseller } from '#server/access'
import { reasonOf, recordAct, sealPersonal } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'

/**
 * Suspends or resumes a reseller with everything below it: its staff and its subscribers cannot sign in while it is suspended, mail for them is
 * deferred, nothing is lost. The row and the end of every session commit together.
 */
export async function setResellerState(
  ctx: ServiceContext,
  actor: Actor,
  input: { resellerId: ResellerId; reason: string; state: 'active' | 'suspended' },
): Promise<void> {
  const { resellerId, state } = input
  await authoriseReseller(ctx, actor, 'reseller.suspend', resellerId)
  const reason = reasonOf(input.reason)
  const concerned = { resellerId }
  const personal = await sealPersonal(ctx, concerned, { reason })
  await ctx.db.control.withSystem('operator desk', async (tx) => {
    if (!(await updateResellerState(tx, resellerId, state)))
      throw new Fault('CONFLICT', `This reseller is ${state} already.`)
    if (state === 'suspended') {
      for (const tenant of await selectTenantsWithCounts(tx, { resellerId })) {
        for (const account of await selectLivingAccounts(tx, tenant.id))
          await signOutEverywhere(tx, { tenantId: tenant.id, accountId: account.id }, 'suspended')
      }
    }
    const action = state === 'suspended' ? 'reseller.suspend' : 'reseller.resume'
    await recordAct(tx, { actor, action, concerned, personal })
  })
}
