import { deleteStaffSessions } from '#db/control/queries/session'
import { selectStaff, updateStaffPassword } from '#db/control/queries/staff'
import { hashPassword, verifyPassword } from '#lib/crypto/password'
import { Fault } from '#lib/errors'
import { recordAct } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'
import { checkPassword } from '#server/services/account/password'
import { staffProfile } from '#server/services/staff/profile'

/** A member of staff's own new password; ends their sessions. Throws BAD_REQUEST naming `current` or `password`. */
export async function changeStaffPassword(
  ctx: ServiceContext,
  actor: Actor,
  input: { current: string; password: string },
): Promise<void> {
  if (actor.kind !== 'operator' && actor.kind !== 'reseller') throw new Fault('NOT_FOUND', 'There is no such profile.')
  const { staffId } = actor
  const row = await ctx.db.control.withSystem('staff sign-in', (tx) => selectStaff(tx, staffId))
  if (!row || !(await verifyPassword(row.passwordHash, input.current)))
    throw new Fault('BAD_REQUEST', 'This is not your present password.', { field: 'current' })
  checkPassword(input.password, { address: (await staffProfile(ctx, row)).email })
  const hash = await hashPassword(input.password)
  await ctx.db.control.withSystem('staff sign-in', async (tx) => {
    await updateStaffPassword(tx, staffId, hash)
    await deleteStaffSessions(tx, staffId)
    const concerned = { resellerId: row.resellerId }
    await recordAct(tx, { actor, action: 'staff.change-password', concerned, facts: { staff: staffId } })
  })
}
