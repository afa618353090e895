import { selectResellers } from '#db/control/queries/reseller'
import { authoriseHouse } from '#server/access'
import type { Actor, Page, ServiceContext } from '#server/services'
import { pageAfter, pageLimit } from '#server/services/input/paging'
import { type ResellerView, resellerView } from '#server/services/reseller/view'

/** The resellers, oldest first, with the number of their tenants. */
export async function listResellers(
  ctx: ServiceContext,
  actor: Actor,
  input: { after?: string; limit?: number } = {},
): Promise<Page<ResellerView & { tenants: number }>> {
  authoriseHouse(actor, 'reseller.list')
  const rows = await ctx.db.control.withSystem('operator desk', selectResellers)
  const page = pageAfter(rows, (row) => row.id, { after: input.after, limit: pageLimit(input.limit) })
  const items = await Promise.all(
    page.items.map(async (row) => ({ ...(await resellerView(ctx, row)), tenants: row.tenants })),
  )
  return { items, next: page.next }
}
