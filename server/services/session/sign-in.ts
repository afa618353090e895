import { passwordsWaiting, verifyNothing } from '#lib/crypto/password'
import type { AccountId, RegionId, ResellerId, StaffId, TenantId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import type { ServiceContext } from '#server/services'
import { signInAccount } from '#server/services/session/sign-in-account'
import { signInStaff } from '#server/services/session/sign-in-staff'

/** Somebody who has just shown that they are who they say; hand it to `startSession`. `epoch`: the sign-in epoch in which the password was right. */
export type Proven =
  | { kind: 'account'; tenantId: TenantId; accountId: AccountId; region: RegionId; epoch: number }
  | {
      kind: 'staff'
      staffId: StaffId
      staffKind: 'operator' | 'reseller'
      resellerId: ResellerId | null
      epoch: number
    }

export type WebSignIn =
  | { ok: true; proven: Proven }
  | { ok: false; reason: 'credentials' | 'suspended' }
  | { ok: false; reason: 'slow-down'; retryAfterS: number }

/** The one sign-in of the web: staff and accounts by address and password. Unknown name and wrong password answer alike, and cost alike. */
export async function signIn(
  ctx: ServiceContext,
  login: { username: string; password: string; peer: string },
): Promise<WebSignIn> {
  // As the directory does for its own: the line for the slow hash is bounded, and staff and strangers stand in it too.
  if (passwordsWaiting() >= LIMITS.passwordsWaiting) return { ok: false, reason: 'slow-down', retryAfterS: 5 }
  const staff = await signInStaff(ctx, login)
  if (staff.ok) {
    const { staffId, kind, resellerId, epoch } = staff
    return { ok: true, proven: { kind: 'staff', staffId, staffKind: kind, resellerId, epoch } }
  }
  if (staff.reason === 'suspended') return { ok: false, reason: 'suspended' }
  // Costs the same whether or not somebody of ours has this address (W-09).
  if (staff.reason === 'unknown') await verifyNothing(login.password.slice(0, LIMITS.passwordBytes))
  // A member of staff may have a mailbox here too, and nobody can shut an account out by making staff with its address.
  const account = await signInAccount(ctx, login)
  if (!account.ok) return staff.reason === 'slow-down' ? staff : account
  const { tenantId, accountId, region, epoch } = account
  return { ok: true, proven: { kind: 'account', tenantId, accountId, region, epoch } }
}
