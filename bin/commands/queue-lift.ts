import type { CommandContext } from '#bin/cli/command'
import { SYSTEM } from '#server/services'
import { findAccount } from '#server/services/account/find'
import { liftFreeze } from '#server/services/sending/state'

/** `mailtight queue lift ADDRESS`: prints `{id, maySend}`. */
export async function run({ services, positionals }: CommandContext): Promise<unknown> {
  const ctx = await services()
  const [address = ''] = positionals
  const target = await findAccount(ctx, SYSTEM, address)
  await liftFreeze(ctx, SYSTEM, target)
  return { id: target.accountId, maySend: true }
}
