import type { CommandContext } from '#bin/cli/command'
import type { TenantId } from '#lib/ids'
import { SYSTEM } from '#server/services'
import { listWaiting, queueOverview } from '#server/services/queue/list'

/** `mailtight queue list [--tenant T]`: what waits by tenant, or the first 200 recipients of one, without addresses. */
export async function run({ services, options }: CommandContext): Promise<unknown> {
  const ctx = await services()
  const { tenant } = options
  if (tenant === undefined) return queueOverview(ctx, SYSTEM)
  return (await listWaiting(ctx, SYSTEM, { tenantId: tenant as TenantId, limit: 200 })).items
}
