import type { QueueId, RegionId, TenantId } from '#lib/ids'
import type { Suppressed, WaitingMail } from '#mailcore/api'

export type { Suppressed, WaitingMail } from '#mailcore/api'

import { authoriseHouse, authoriseTenant } from '#server/access'
import type { Actor, Page, ServiceContext } from '#server/services'
import { pageLimit } from '#server/services/input/paging'

const cursorOf = (after: string | undefined): { id: QueueId; position: number } | null => {
  const [, id, position] = /^([0-9a-f-]{36}):(\d{1,6})$/.exec(after ?? '') ?? []
  return id === undefined ? null : { id: id as QueueId, position: Number(position) }
}

/** A tenant's mail that waits to leave, oldest first. The operator sees it without addresses (promise P15: no reading of customers' mail). */
export async function listWaiting(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; after?: string; limit?: number },
): Promise<Page<WaitingMail>> {
  const { tenantId } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'queue.read', tenantId)
  const limit = pageLimit(input.limit)
  const of = { tenantId, region: tenant.region }
  const found = await ctx.core.desk.waiting(of, { after: cursorOf(input.after), limit: limit + 1 })
  const items = found.slice(0, limit).map((one) => (actor.kind === 'domain-admin' ? one : { ...one, recipient: null }))
  const last = items.at(-1)
  return { items, next: found.length > limit && last ? `${last.id}:${last.position}` : null }
}

/** How much waits, by tenant: the operator's overview. */
export async function queueOverview(
  ctx: ServiceContext,
  actor: Actor,
): Promise<{ tenantId: TenantId; region: RegionId; waiting: number; held: number; oldest: Date | null }[]> {
  authoriseHouse(actor, 'house.read')
  return ctx.core.desk.totals()
}

/** Addresses elsewhere to which mail of the tenant is not tried at the moment. */
export async function listSuppressed(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; after?: string; limit?: number },
): Promise<Page<Suppressed>> {
  const { tenantId } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'queue.suppressed', tenantId)
  const limit = pageLimit(input.limit)
  const after = /^[0-9a-f]{32}$/.test(input.after ?? '') ? (input.after ?? null) : null
  const found = await ctx.core.desk.suppressions({ tenantId, region: tenant.region }, { after, limit: limit + 1 })
  const items = found.slice(0, limit)
  return { items, next: found.length > limit ? (items.at(-1)?.id ?? null) : null }
}
