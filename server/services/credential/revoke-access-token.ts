import { deleteAccessToken } from '#db/control/queries/access-token'
import { signOutMail } from '#db/control/queries/account'
import { Fault } from '#lib/errors'
import type { CredentialId } from '#lib/ids'
import { recordAct } from '#server/ledger'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { beginActOn } from '#server/services/account/act-on'

/** Removes an access token. As with app passwords the account's mail programs are signed out, and those with another way in come back by themselves. */
export async function revokeAccessToken(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { tokenId: CredentialId },
): Promise<void> {
  const target = { tenantId: input.tenantId, accountId: input.accountId }
  const { concerned } = await beginActOn(ctx, actor, 'account.credentials', target)
  await ctx.db.control.withTenant(target.tenantId, async (tx) => {
    if (!(await deleteAccessToken(tx, target, input.tokenId)))
      throw new Fault('NOT_FOUND', 'There is no such access token.')
    await signOutMail(tx, target)
    const facts = { credential: input.tokenId }
    await recordAct(tx, { actor, action: 'access-token.revoke', concerned, facts })
  })
}
