import type { StaffId } from '#lib/ids'
import { authoriseHouse } from '#server/access'
import type { Actor, ServiceContext } from '#server/services'
import { makeStaff, type NewStaff } from '#server/services/staff/insert'

/** Makes a member of the operator's staff. */
export async function createOperator(ctx: ServiceContext, actor: Actor, input: NewStaff): Promise<{ id: StaffId }> {
  authoriseHouse(actor, 'house.manage')
  return makeStaff(ctx, actor, { ...input, resellerId: null })
}
