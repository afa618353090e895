import { signOutMail } from '#db/control/queries/account'
import { deleteAppPassword } from '#db/control/queries/credential'
import { Fault } from '#lib/errors'
import type { CredentialId } from '#lib/ids'
import { recordAct } from '#server/ledger'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { beginActOn } from '#server/services/account/act-on'

/**
 * Removes an app password. Mail programs of the account are signed out, whichever password they used, since a session does not keep which;
 * the others come back by themselves. Web sessions stay: no app password opens one.
 */
export async function revokeAppPassword(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { credentialId: CredentialId },
): Promise<void> {
  const target = { tenantId: input.tenantId, accountId: input.accountId }
  const { concerned } = await beginActOn(ctx, actor, 'account.credentials', target)
  await ctx.db.control.withTenant(target.tenantId, async (tx) => {
    if (!(await deleteAppPassword(tx, target, input.credentialId)))
      throw new Fault('NOT_FOUND', 'There is no such app password.')
    await signOutMail(tx, target)
    const facts = { credential: input.credentialId }
    await recordAct(tx, { actor, action: 'app-password.revoke', concerned, facts })
  })
}
