import type { CommandContext } from '#bin/cli/command'
import { createLog } from '#lib/log'
import { createServiceContext } from '#server/context'
import { SYSTEM } from '#server/services'
import { findAccount } from '#server/services/account/find'
import { liftFreeze } from '#server/services/sending/state'

/** `mailtight queue lift ADDRESS`: prints `{id, maySend}`. */
export async function run({ settings, positionals }: CommandContext): Promise<unknown> {
  const { ctx } = createServiceContext(settings, createLog('cli', 'error'))
  const [address = ''] = positionals
  const target = await findAccount(ctx, SYSTEM, address)
  await liftFreeze(ctx, SYSTEM, target)
  return { id: target.accountId, maySend: true }
}
