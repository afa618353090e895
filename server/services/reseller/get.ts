import type { ResellerId } from '#lib/ids'
import { authoriseReseller } from '#server/access'
import type { Actor, ServiceContext } from '#server/services'
import { type ResellerView, resellerView } from '#server/services/reseller/view'

export async function getReseller(
  ctx: ServiceContext,
  actor: Actor,
  input: { resellerId: ResellerId },
): Promise<ResellerView> {
  const { reseller } = await authoriseReseller(ctx, actor, 'reseller.read', input.resellerId)
  return resellerView(ctx, reseller)
}
