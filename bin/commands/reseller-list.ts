import type { CommandContext } from '#bin/cli/command'
import { createLog } from '#lib/log'
import { createServiceContext } from '#server/context'
import { SYSTEM } from '#server/services'
import { collect } from '#server/services/input/paging'
import { listResellers } from '#server/services/reseller/list'

/** `mailtight reseller list`: prints an array. */
export async function run({ settings }: CommandContext): Promise<unknown> {
  const { ctx } = createServiceContext(settings, createLog('cli', 'error'))
  return collect((after) => listResellers(ctx, SYSTEM, { after, limit: 200 }))
}
