import type { CommandContext } from '#bin/cli/command'
import { createLog } from '#lib/log'
import { createServiceContext } from '#server/context'
import { checkPromises } from '#server/promises/index'

/** `mailtight promises`: prints `[{id, state, checkedAt, evidence}]`. */
export async function run({ settings }: CommandContext): Promise<unknown> {
  const { ctx } = createServiceContext(settings, createLog('cli', 'error'))
  const results = await checkPromises({ services: ctx, settings })
  return results.map(({ id, state, checkedAt, evidence }) => ({ id, state, checkedAt, evidence }))
}
