import { selectStaffOf } from '#db/control/queries/staff'
import type { ResellerId, StaffId } from '#lib/ids'
import { authoriseReseller } from '#server/access'
import type { Actor, ServiceContext } from '#server/services'
import { type StaffProfile, staffProfile } from '#server/services/staff/profile'

export type StaffView = StaffProfile & { id: StaffId; state: 'active' | 'suspended'; createdAt: Date }

/** The staff of a reseller. */
export async function listStaff(
  ctx: ServiceContext,
  actor: Actor,
  input: { resellerId: ResellerId },
): Promise<StaffView[]> {
  const { resellerId } = input
  await authoriseReseller(ctx, actor, 'reseller.staff', resellerId)
  const rows = await ctx.db.control.withReseller(resellerId, (tx) => selectStaffOf(tx, resellerId))
  return Promise.all(
    rows.map(async (row) => ({
      ...(await staffProfile(ctx, row)),
      id: row.id,
      state: row.state,
      createdAt: row.createdAt,
    })),
  )
}
