import type { ResellerId, StaffId } from '#lib/ids'
import { authoriseReseller } from '#server/access'
import type { Actor, ServiceContext } from '#server/services'
import { makeStaff, type NewStaff } from '#server/services/staff/insert'

/** Makes a member of a reseller's staff. */
export async function createStaff(
  ctx: ServiceContext,
  actor: Actor,
  input: NewStaff & { resellerId: ResellerId },
): Promise<{ id: StaffId }> {
  await authoriseReseller(ctx, actor, 'reseller.staff', input.resellerId)
  return makeStaff(ctx, actor, input)
}
