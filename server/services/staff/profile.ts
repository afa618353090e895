import type { StaffRow } from '#db/control/queries/staff'
import { open, seal } from '#lib/crypto/aead'
import type { ResellerId, StaffId } from '#lib/ids'
import type { ServiceContext } from '#server/services'

export interface StaffProfile {
  email: string
  name: string
}

const contextOf = (id: StaffId) => ['staff-profile/v1', id] as const

/** Reseller staff under their reseller's key, operator staff under the operator's. */
export const staffKey = (ctx: ServiceContext, resellerId: ResellerId | null): Promise<Buffer> =>
  resellerId === null ? ctx.core.keys.operatorKey() : ctx.core.keys.resellerKey(resellerId)

export const sealStaffProfile = (key: Buffer, id: StaffId, profile: StaffProfile): Buffer =>
  seal(key, Buffer.from(JSON.stringify(profile)), contextOf(id))

export async function staffProfile(
  ctx: ServiceContext,
  row: Pick<StaffRow, 'id' | 'resellerId' | 'profileSealed'>,
): Promise<StaffProfile> {
  const key = await staffKey(ctx, row.resellerId)
  return JSON.parse(open(key, row.profileSealed, contextOf(row.id)).toString()) as StaffProfile
}
