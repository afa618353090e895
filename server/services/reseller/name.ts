import type { ResellerRow } from '#db/control/queries/reseller'
import { open } from '#lib/crypto/aead'
import type { ResellerId } from '#lib/ids'
import type { ServiceContext } from '#server/services'

export const resellerNameContext = (id: ResellerId) => ['reseller-name/v1', id] as const

/** A reseller's name in clear. */
export async function resellerName(ctx: ServiceContext, row: Pick<ResellerRow, 'id' | 'nameSealed'>): Promise<string> {
  const key = await ctx.core.keys.resellerKey(row.id)
  return open(key, row.nameSealed, resellerNameContext(row.id)).toString()
}
