import type { AccountId, RegionId, TenantId } from '#lib/ids'
import type { ServiceContext } from '#server/services'

export type AccountSignIn =
  | { ok: true; tenantId: TenantId; accountId: AccountId; region: RegionId; epoch: number }
  | { ok: false; reason: 'credentials' | 'suspended' }
  | { ok: false; reason: 'slow-down'; retryAfterS: number }

/** Checks the password of an account at the web door. `peer` is the network it came from: counted by keyed hash, never kept. */
export async function signInAccount(
  ctx: ServiceContext,
  login: { username: string; password: string; peer: string },
): Promise<AccountSignIn> {
  const result = await ctx.core.directory.signIn({ ...login, protocol: 'web' })
  if (!result.ok) return result
  const { tenantId, accountId, region, epoch } = result.account
  return { ok: true, tenantId, accountId, region, epoch }
}
