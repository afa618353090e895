import type { CommandContext } from '#bin/cli/command'
import type { ResellerId } from '#lib/ids'
import { createLog } from '#lib/log'
import { createServiceContext } from '#server/context'
import { SYSTEM } from '#server/services'
import { collect } from '#server/services/input/paging'
import { listResellers } from '#server/services/reseller/list'
import { listTenants } from '#server/services/tenant/list'

/** `mailtight tenant list [--reseller R]`: prints an array. */
export async function run({ settings, options }: CommandContext): Promise<unknown> {
  const { ctx } = createServiceContext(settings, createLog('cli', 'error'))
  const resellers = options.reseller
    ? [options.reseller as ResellerId]
    : (await collect((after) => listResellers(ctx, SYSTEM, { after, limit: 200 }))).map(({ id }) => id)
  const lists = await Promise.all(
    resellers.map((resellerId) => collect((after) => listTenants(ctx, SYSTEM, { resellerId, after, limit: 200 }))),
  )
  return lists.flat()
}
