import { selectTenant } from '#db/control/queries/tenant'
import { Fault } from '#lib/errors'
import type { QueueId, TenantId } from '#lib/ids'
import type { IntentAction, IntentEnd } from '#server/services/intent-action'

export const QUEUE_ACTS = ['hold', 'retry', 'cancel', 'expire', 'reroute', 'unsuppress'] as const
export type QueueAct = (typeof QUEUE_ACTS)[number]

/** What is done to waiting mail, or to the list of addresses not tried. A second run finds it done and changes nothing more. */
export const changeQueueSteps: IntentAction = async (ctx, intent): Promise<IntentEnd> => {
  const { tenantId, input } = intent
  const act = QUEUE_ACTS.find((one) => one === input.act)
  if (!tenantId || !act) throw new Fault('INTERNAL', 'The act names no organisation.')
  const { region } = await regionOf(ctx, tenantId)
  const of = { tenantId, region }
  const id = typeof input.queueId === 'string' ? (input.queueId as QueueId) : null
  const chosen =
    id === null
      ? ({ all: true } as const)
      : { id, ...(typeof input.position === 'number' ? { position: input.position } : {}) }
  const changed = await perform()
  return { outcome: 'completed', facts: { act, changed } }

  async function perform(): Promise<number> {
    const { desk } = ctx.core
    switch (act) {
      case 'hold':
        return desk.hold(of, chosen)
      case 'retry':
        return desk.retry(of, chosen)
      case 'cancel':
        return desk.cancel(of, chosen)
      case 'expire':
        return desk.expire(of, chosen)
      case 'reroute': {
        const to = typeof input.host === 'string' ? { host: input.host, port: Number(input.port) } : null
        return id === null ? 0 : desk.reroute(of, id, to)
      }
      case 'unsuppress':
        return (await desk.unsuppress(of, String(input.suppression))) ? 1 : 0
      case undefined:
        return 0
    }
  }
}

async function regionOf(ctx: Parameters<IntentAction>[0], tenantId: TenantId) {
  const tenant = await ctx.db.control.withTenant(tenantId, (tx) => selectTenant(tx, tenantId))
  if (!tenant) throw new Fault('NOT_FOUND', 'There is no such organisation.')
  return tenant
}
