import type { CommandContext } from '#bin/cli/command'
import { createLog } from '#lib/log'
import { createServiceContext } from '#server/context'
import { SYSTEM } from '#server/services'
import { findAccount } from '#server/services/account/find'
import { resumeAccount } from '#server/services/account/resume'

/** `mailtight account resume ADDRESS --reason "…"`: prints `{id, state}`. */
export async function run({ settings, positionals, options }: CommandContext): Promise<unknown> {
  const { ctx } = createServiceContext(settings, createLog('cli', 'error'))
  const [address = ''] = positionals
  const target = await findAccount(ctx, SYSTEM, address)
  await resumeAccount(ctx, SYSTEM, { ...target, reason: options.reason ?? '' })
  return { id: target.accountId, state: 'active' }
}
