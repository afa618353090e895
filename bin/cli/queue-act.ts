import type { CommandContext } from '#bin/cli/command'
import type { QueueId, TenantId } from '#lib/ids'
import { SYSTEM } from '#server/services'
import { changeQueue } from '#server/services/queue/change'

/** A command that does one thing to a tenant's waiting mail, to one message where --id names it; it prints `{changed}`, the number of recipients. */
export const queueAct =
  (act: 'hold' | 'retry' | 'cancel' | 'expire') =>
  async ({ services, options }: CommandContext): Promise<unknown> => {
    const { tenant = '', id } = options
    const one = id === undefined ? {} : { queueId: id as QueueId }
    return changeQueue(await services(), SYSTEM, { tenantId: tenant as TenantId, act, ...one })
  }
