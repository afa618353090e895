import { Fault } from '#lib/errors'
import type { QueueId, TenantId } from '#lib/ids'
import { authoriseTenant } from '#server/access'
import { beginIntent } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'
import { runIntent } from '#server/services/intents'
import type { QueueAct } from '#server/services/queue/change-steps'

export interface QueueChange {
  tenantId: TenantId
  act: Exclude<QueueAct, 'unsuppress'>
  /** All of the tenant's waiting mail when left out */
  queueId?: QueueId
  position?: number
  /** For `reroute`: where to instead of the DNS's answer; left out: by the DNS again */
  to?: { host: string; port: number }
}

/** Holds, tries again, cancels, gives up or reroutes waiting mail of a tenant. Answers with how many recipients it was. */
export async function changeQueue(ctx: ServiceContext, actor: Actor, input: QueueChange): Promise<{ changed: number }> {
  const { tenantId, act, queueId, position, to } = input
  // By another host means through another's hands: the operator's to say.
  await authoriseTenant(ctx, actor, act === 'reroute' ? 'queue.reroute' : 'queue.change', tenantId)
  if (act === 'reroute' && !queueId) throw new Fault('BAD_REQUEST', 'Say which message takes the other way.')
  if (to && !/^[A-Za-z0-9.:-]{1,253}$/.test(to.host))
    throw new Fault('BAD_REQUEST', 'This is not a host.', { field: 'host' })
  return changeByIntent(ctx, actor, tenantId, {
    act,
    ...(queueId ? { queueId } : {}),
    ...(position === undefined ? {} : { position }),
    ...(to ? { host: to.host, port: to.port } : {}),
  })
}

/** Takes an address off the list of those not tried. Throws NOT_FOUND when it is not there. */
export async function unsuppress(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; suppression: string },
): Promise<void> {
  const { tenantId, suppression } = input
  await authoriseTenant(ctx, actor, 'queue.change', tenantId)
  const { changed } = await changeByIntent(ctx, actor, tenantId, { act: 'unsuppress', suppression })
  if (changed === 0) throw new Fault('NOT_FOUND', 'There is no such address on the list.')
}

async function changeByIntent(
  ctx: ServiceContext,
  actor: Actor,
  tenantId: TenantId,
  input: Record<string, string | number>,
): Promise<{ changed: number }> {
  const { tenant } = await authoriseTenant(ctx, actor, 'queue.change', tenantId)
  const { resellerId } = tenant
  const { act = '' } = input
  const intentId = await ctx.db.control.withTenant(tenantId, (tx) =>
    beginIntent(tx, {
      actor,
      action: 'queue.change',
      concerned: { resellerId, tenantId },
      facts: { act, queueId: input.queueId ?? null },
      input,
      now: ctx.clock.now(),
    }),
  )
  const facts = await runIntent(ctx, intentId, { tenantId, resellerId })
  return { changed: Number(facts.changed ?? 0) }
}
