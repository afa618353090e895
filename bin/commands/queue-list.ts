import type { CommandContext } from '#bin/cli/command'
import type { TenantId } from '#lib/ids'
import { createLog } from '#lib/log'
import { createServiceContext } from '#server/context'
import { SYSTEM } from '#server/services'
import { listWaiting, queueOverview } from '#server/services/queue/list'

/** `mailtight queue list [--tenant T]`: what waits by tenant, or the first 200 recipients of one, without addresses. */
export async function run({ settings, options }: CommandContext): Promise<unknown> {
  const { ctx } = createServiceContext(settings, createLog('cli', 'error'))
  const { tenant } = options
  if (tenant === undefined) return queueOverview(ctx, SYSTEM)
  return (await listWaiting(ctx, SYSTEM, { tenantId: tenant as TenantId, limit: 200 })).items
}
