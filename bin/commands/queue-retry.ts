import type { CommandContext } from '#bin/cli/command'
import type { QueueId, TenantId } from '#lib/ids'
import { createLog } from '#lib/log'
import { createServiceContext } from '#server/context'
import { SYSTEM } from '#server/services'
import { changeQueue } from '#server/services/queue/change'

/** `mailtight queue retry --tenant T [--id ID]`: prints `{changed}`, the number of recipients. */
export async function run({ settings, options }: CommandContext): Promise<unknown> {
  const { ctx } = createServiceContext(settings, createLog('cli', 'error'))
  const { tenant = '', id } = options
  const one = id === undefined ? {} : { queueId: id as QueueId }
  return changeQueue(ctx, SYSTEM, { tenantId: tenant as TenantId, act: 'retry', ...one })
}
