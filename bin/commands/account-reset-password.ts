import type { CommandContext } from '#bin/cli/command'
import { createLog } from '#lib/log'
import { createServiceContext } from '#server/context'
import { SYSTEM } from '#server/services'
import { findAccount } from '#server/services/account/find'
import { resetPassword } from '#server/services/account/reset-password'

/** `mailtight account reset-password ADDRESS --password-stdin`: prints `{id}`. */
export async function run({ settings, positionals, readPassword }: CommandContext): Promise<unknown> {
  const { ctx } = createServiceContext(settings, createLog('cli', 'error'))
  const [address = ''] = positionals
  const password = await readPassword()
  const target = await findAccount(ctx, SYSTEM, address)
  await resetPassword(ctx, SYSTEM, { ...target, password, reason: 'Reset by the operator on the command line.' })
  return { id: target.accountId }
}
