import type { TenantRow } from '#db/control/queries/tenant'
import { open } from '#lib/crypto/aead'
import type { ResellerId, TenantId } from '#lib/ids'
import type { ServiceContext } from '#server/services'

/** Tenant names are sealed under their reseller's key, so that one key opens a whole list of customers. */
export const tenantNameContext = (resellerId: ResellerId, id: TenantId) => ['tenant-name/v1', resellerId, id] as const

export async function tenantName(
  ctx: ServiceContext,
  row: Pick<TenantRow, 'id' | 'resellerId' | 'nameSealed'>,
): Promise<string> {
  const key = await ctx.core.keys.resellerKey(row.resellerId)
  return open(key, row.nameSealed, tenantNameContext(row.resellerId, row.id)).toString()
}
