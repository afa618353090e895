import { staffForSignIn } from '#db/control/queries/sign-in'
import { insertStaff } from '#db/control/queries/staff'
import { isTaken } from '#db/control/queries/taken'
import { hashPassword } from '#lib/crypto/password'
import { Fault } from '#lib/errors'
import { newId, type ResellerId, type StaffId } from '#lib/ids'
import { recordAct } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'
import { checkPassword } from '#server/services/account/password'
import { addressOf, nameOf } from '#server/services/input/text'
import { sealStaffProfile, staffKey } from '#server/services/staff/profile'

export interface NewStaff {
  email: string
  name?: string
  password: string
}

/** Makes a member of staff, of a reseller or with null of the operator. Who may ask is the caller's to decide. */
export async function makeStaff(
  ctx: ServiceContext,
  actor: Actor,
  input: NewStaff & { resellerId: ResellerId | null },
): Promise<{ id: StaffId }> {
  const { resellerId } = input
  const { address: email, local } = addressOf(input.email, 'email')
  const name = nameOf(input.name ?? local, 'name')
  checkPassword(input.password, { address: email })
  const emailHash = ctx.core.addressHash(email)
  if (!emailHash) throw new Fault('BAD_REQUEST', 'This is not a valid e-mail address.', { field: 'email' })
  const inUse = new Fault('CONFLICT', 'This address is in use.', { field: 'email' })
  if (await staffForSignIn(ctx.db.control.lookup, emailHash)) throw inUse
  const id = newId<StaffId>()
  const profileSealed = sealStaffProfile(await staffKey(ctx, resellerId), id, { email, name })
  const passwordHash = await hashPassword(input.password)
  const kind = resellerId === null ? ('operator' as const) : ('reseller' as const)
  try {
    await ctx.db.control.withSystem('operator desk', async (tx) => {
      await insertStaff(tx, { id, kind, resellerId, emailHash, profileSealed, passwordHash })
      await recordAct(tx, { actor, action: 'staff.create', concerned: { resellerId }, facts: { staff: id, kind } })
    })
  } catch (error) {
    throw isTaken(error) ? inUse : error
  }
  return { id }
}
