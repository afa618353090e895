import { selectAccessTokens } from '#db/control/queries/access-token'
import { open } from '#lib/crypto/aead'
import type { CredentialId } from '#lib/ids'
import { authoriseAccount } from '#server/access'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'

export interface AccessTokenView {
  id: CredentialId
  label: string
  protocols: string[]
  createdAt: Date
  expiresAt: Date
  lastUsedAt: Date | null
}

export const tokenLabelContext = (id: CredentialId) => ['access-token-label/v1', id] as const

/** The access tokens of an account that still open something, without the tokens. */
export async function listAccessTokens(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget,
): Promise<AccessTokenView[]> {
  const { tenantId, accountId } = input
  await authoriseAccount(ctx, actor, 'account.credentials', input)
  const rows = await ctx.db.control.withTenant(tenantId, (tx) => selectAccessTokens(tx, { tenantId, accountId }))
  const key = await ctx.core.keys.profileKey(tenantId, accountId)
  return rows.map(({ id, labelSealed, protocols, createdAt, expiresAt, lastUsedAt }) => ({
    id,
    label: open(key, labelSealed, tokenLabelContext(id)).toString(),
    protocols,
    createdAt,
    expiresAt,
    lastUsedAt,
  }))
}
