import { deleteAccessTokens } from '#db/control/queries/access-token'
import { signOutEverywhere } from '#db/control/queries/account'
import { deleteCredentials, selectPassword, updatePassword } from '#db/control/queries/credential'
import { deleteSessions } from '#db/control/queries/session'
import { hashPassword, verifyPassword } from '#lib/crypto/password'
import { Fault } from '#lib/errors'
import { recordAct } from '#server/ledger'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { beginActOn } from '#server/services/account/act-on'
import { getAccount } from '#server/services/account/get'
import { checkPassword } from '#server/services/account/password'

/**
 * The owner's own new password; the old one must be right. Every session ends, the one that asked included: its page signs in again with the
 * new password. App passwords and access tokens stay unless `revokeAppPasswords`. Throws BAD_REQUEST naming `current` or `password`.
 */
export async function changePassword(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { current: string; password: string; revokeAppPasswords?: boolean },
): Promise<void> {
  const target = { tenantId: input.tenantId, accountId: input.accountId }
  const { concerned } = await beginActOn(ctx, actor, 'account.change-password', target)
  const { address } = await getAccount(ctx, actor, target)
  const old = await ctx.db.control.withTenant(target.tenantId, (tx) => selectPassword(tx, target))
  if (!old || !(await verifyPassword(old.hash, input.current)))
    throw new Fault('BAD_REQUEST', 'This is not your present password.', { field: 'current' })
  checkPassword(input.password, { address })
  const hash = await hashPassword(input.password)
  await ctx.db.control.withTenant(target.tenantId, async (tx) => {
    await updatePassword(tx, target, hash)
    const appPasswords = input.revokeAppPasswords ? await deleteCredentials(tx, target, 'app') : 0
    const accessTokens = input.revokeAppPasswords ? await deleteAccessTokens(tx, target) : 0
    const sessions = await deleteSessions(tx, target, 'all')
    await signOutEverywhere(tx, target, 'password')
    const facts = { sessions, appPasswords, accessTokens }
    await recordAct(tx, { actor, action: 'account.change-password', concerned, facts })
  })
}
