import { deleteAccessTokens } from '#db/control/queries/access-token'
import { signOutEverywhere } from '#db/control/queries/account'
import { deleteCredentials, updatePassword } from '#db/control/queries/credential'
import { deleteSessions } from '#db/control/queries/session'
import { hashPassword } from '#lib/crypto/password'
import { Fault } from '#lib/errors'
import { recordAct } from '#server/ledger'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { beginActOn } from '#server/services/account/act-on'
import { getAccount } from '#server/services/account/get'
import { checkPassword } from '#server/services/account/password'

/**
 * Sets a new password for somebody else's account and ends every session; FORBIDDEN for one's own. App passwords and access tokens go too: whoever had the account may have made one.
 * No mail is lost, for keys are wrapped, never derived from a password.
 */
export async function resetPassword(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { password: string; reason: string },
): Promise<void> {
  const target = { tenantId: input.tenantId, accountId: input.accountId }
  const { concerned, personal, isOwner } = await beginActOn(ctx, actor, 'account.reset-password', input)
  // A domain admin's own password is changed with the present one: a stolen session must not become the account.
  if (isOwner) throw new Fault('FORBIDDEN', 'Change your own password in your account settings.')
  const { address } = await getAccount(ctx, actor, target)
  checkPassword(input.password, { address })
  const hash = await hashPassword(input.password)
  await ctx.db.control.withTenant(target.tenantId, async (tx) => {
    await updatePassword(tx, target, hash)
    const appPasswords = await deleteCredentials(tx, target, 'app')
    const accessTokens = await deleteAccessTokens(tx, target)
    const sessions = await deleteSessions(tx, target, 'all')
    await signOutEverywhere(tx, target, 'password')
    const facts = { sessions, appPasswords, accessTokens }
    await recordAct(tx, { actor, action: 'account.reset-password', concerned, personal, facts })
  })
}
