import type { AccountId, RegionId, TenantId, TraceId } from '#lib/ids'
import { type Reader, redact, type SeenStep, type Way } from '#mailcore/api'
import { authoriseAccount, authoriseTenant } from '#server/access'
import type { Actor, Page, ServiceContext } from '#server/services'

export type { SeenStep, Way } from '#mailcore/api'

export interface WaysInput {
  /** Part of an address, host or Message-ID that a step names, as far as the reader may see it */
  search?: string
  direction?: 'in' | 'out'
  /** Only those in which something was refused, put off or failed */
  troubled?: boolean
  after?: string
  limit?: number
}

const LIMIT = { initially: 25, most: 100 }
/** Messages looked through for one page of a search: what is sealed cannot be asked for by name. */
const LOOKED_THROUGH_MOST = 3_000
const PAGE = 100

/** The ways of a tenant's messages in the last thirty days, the latest first, each step as its reader may see it. */
export async function listWays(
  ctx: ServiceContext,
  actor: Actor,
  input: WaysInput & { tenantId: TenantId; traceId?: TraceId },
): Promise<Page<Way>> {
  const { tenantId } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'trace.read', tenantId)
  return gather(ctx, { tenantId, region: tenant.region }, readerOf(actor), input)
}

/** The ways of one's own messages, in and out. */
export async function listOwnWays(
  ctx: ServiceContext,
  actor: Actor,
  input: WaysInput & { tenantId: TenantId; accountId: AccountId },
): Promise<Page<Way>> {
  const { tenantId, accountId } = input
  const { account } = await authoriseAccount(ctx, actor, 'account.trace', input)
  const place = { tenantId, region: account.region }
  return gather(ctx, place, { kind: 'subscriber', accountId }, { ...input, accountId })
}

function readerOf(actor: Actor): Reader {
  switch (actor.kind) {
    case 'domain-admin':
      return { kind: 'admin' }
    case 'reseller':
      return { kind: 'reseller' }
    default:
      return { kind: 'operator' }
  }
}

async function gather(
  ctx: ServiceContext,
  place: { tenantId: TenantId; region: RegionId },
  reader: Reader,
  input: WaysInput & { accountId?: AccountId; traceId?: TraceId },
): Promise<Page<Way>> {
  const limit = Math.max(1, Math.min(LIMIT.most, input.limit ?? LIMIT.initially))
  const search = input.search?.trim().toLowerCase() ?? ''
  const picky = search !== '' || input.troubled === true
  const { accountId, traceId, direction } = input
  const items: Way[] = []
  let cursor = input.after
  for (let looked = 0; looked < LOOKED_THROUGH_MOST; looked += PAGE) {
    const page = await ctx.core.ways.find(place, {
      limit: picky ? PAGE : limit,
      ...(accountId ? { accountId } : {}),
      ...(traceId ? { traceId } : {}),
      ...(direction ? { direction } : {}),
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const way of page.ways) {
      const seen = { ...way, steps: way.steps.map((step) => redact(step, reader)) }
      if (search !== '' && !names(seen, search)) continue
      if (input.troubled && !seen.steps.some(isTrouble)) continue
      items.push(seen)
      if (items.length >= limit) return { items, next: cursorOf(seen) }
    }
    if (page.next === null) return { items, next: null }
    cursor = page.next
  }
  return { items, next: cursor ?? null }
}

/** Where the next page begins: behind this message (see TraceReader.find). */
const cursorOf = ({ traceId, steps }: Way): string => `${Math.max(...steps.map(({ at }) => at.getTime()))}.${traceId}`

const names = ({ steps }: Way, search: string): boolean =>
  steps.some(({ detail }) =>
    [detail.sender, detail.messageId, detail.host, detail.peer, ...(detail.recipients ?? [])].some((text) =>
      text?.toLowerCase().includes(search),
    ),
  )

/** Was something refused, put off, or given up at this step? */
export const isTrouble = ({ step, detail }: SeenStep): boolean =>
  step === 'refused' || (detail.outcome !== undefined && detail.outcome !== 'delivered' && detail.outcome !== 'relayed')
