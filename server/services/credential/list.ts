import { selectAppPasswords } from '#db/control/queries/credential'
import { open } from '#lib/crypto/aead'
import type { CredentialId } from '#lib/ids'
import { authoriseAccount } from '#server/access'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'

export interface AppPasswordView {
  id: CredentialId
  label: string
  protocols: string[]
  createdAt: Date
  lastUsedAt: Date | null
}

export const labelContext = (id: CredentialId) => ['credential-label/v1', id] as const

/** The app passwords of an account, without the passwords. */
export async function listAppPasswords(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget,
): Promise<AppPasswordView[]> {
  const { tenantId, accountId } = input
  await authoriseAccount(ctx, actor, 'account.credentials', input)
  const rows = await ctx.db.control.withTenant(tenantId, (tx) => selectAppPasswords(tx, { tenantId, accountId }))
  const key = await ctx.core.keys.profileKey(tenantId, accountId)
  return rows.map(({ id, labelSealed, protocols, createdAt, lastUsedAt }) => ({
    id,
    label: labelSealed ? open(key, labelSealed, labelContext(id)).toString() : '',
    protocols,
    createdAt,
    lastUsedAt,
  }))
}
