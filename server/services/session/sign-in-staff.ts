import { countFailure, readFailures } from '#db/control/queries/lookup'
import { staffForSignIn } from '#db/control/queries/sign-in'
import { MINUTE_MS } from '#lib/clock'
import { sha256 } from '#lib/crypto/hash'
import { verifyPassword } from '#lib/crypto/password'
import type { ResellerId, StaffId } from '#lib/ids'
import { networkOf } from '#lib/ip'
import { LIMITS } from '#lib/limits'
import type { ServiceContext } from '#server/services'

export type StaffSignIn =
  | { ok: true; staffId: StaffId; kind: 'operator' | 'reseller'; resellerId: ResellerId | null; epoch: number }
  | { ok: false; reason: 'unknown' | 'credentials' | 'suspended' }
  | { ok: false; reason: 'slow-down'; retryAfterS: number }

/**
 * Checks the password of a member of staff. `unknown` says that nobody of ours has this address, and spends no time: whoever asks must spend
 * it, and must not show the difference.
 */
export async function signInStaff(
  ctx: ServiceContext,
  login: { username: string; password: string; peer: string },
): Promise<StaffSignIn> {
  const lookup = ctx.db.control.lookup
  const hash = ctx.core.addressHash(login.username.trim())
  const staff = hash === null ? undefined : await staffForSignIn(lookup, hash)
  if (hash === null || !staff) return { ok: false, reason: 'unknown' }
  const now = ctx.clock.now()
  const network = networkOf(login.peer)
  const keys = [pairKey(ctx, hash, network), hash, networkKey(ctx, network)]
  const since = new Date(now.getTime() - LIMITS.failedLoginWindowMs)
  const [byPair = 0, byName = 0, byNetwork = 0] = await readFailures(lookup, keys, since)
  if (
    byPair >= LIMITS.failedLoginsPerAccountFromNetwork ||
    byName >= LIMITS.failedLoginsPerAccount ||
    byNetwork >= LIMITS.failedLoginsPerNetwork
  )
    return { ok: false, reason: 'slow-down', retryAfterS: Math.ceil(LIMITS.failedLoginWindowMs / 1000) }
  const right =
    Buffer.byteLength(login.password) <= LIMITS.passwordBytes &&
    (await verifyPassword(staff.passwordHash, login.password))
  if (!right) {
    await countFailure(lookup, keys, new Date(Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS))
    return { ok: false, reason: 'credentials' }
  }
  if (staff.state !== 'active') return { ok: false, reason: 'suspended' }
  const { staffId, kind, resellerId, epoch } = staff
  return { ok: true, staffId, kind, resellerId, epoch }
}

/** A keyed hash of the network: written as an address under a name that nobody can hold, since that is the one keyed hash we are given. */
function networkKey(ctx: ServiceContext, network: string): Buffer {
  const local = Buffer.from(network.slice(0, 30)).toString('hex')
  return ctx.core.addressHash(`${local}@network.invalid`) ?? Buffer.alloc(16)
}

/** A keyed hash of a member of staff and a network together, written likewise. */
function pairKey(ctx: ServiceContext, staffHash: Buffer, network: string): Buffer {
  const local = sha256(`${staffHash.toString('hex')}|${network}`)
    .toString('hex')
    .slice(0, 60)
  return ctx.core.addressHash(`${local}@pair.invalid`) ?? Buffer.alloc(16)
}
