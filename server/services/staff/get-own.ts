import { selectStaff } from '#db/control/queries/staff'
import { Fault } from '#lib/errors'
import type { Actor, ServiceContext } from '#server/services'
import { type StaffProfile, staffProfile } from '#server/services/staff/profile'

/** Name and address of the member of staff who is signed in. */
export async function getOwnStaffProfile(ctx: ServiceContext, actor: Actor): Promise<StaffProfile> {
  if (actor.kind !== 'operator' && actor.kind !== 'reseller') throw new Fault('NOT_FOUND', 'There is no such profile.')
  const row = await ctx.db.control.withSystem('staff sign-in', (tx) => selectStaff(tx, actor.staffId))
  if (!row) throw new Fault('NOT_FOUND', 'There is no such profile.')
  return staffProfile(ctx, row)
}
