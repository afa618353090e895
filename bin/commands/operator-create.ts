import type { CommandContext } from '#bin/cli/command'
import { createLog } from '#lib/log'
import { createServiceContext } from '#server/context'
import { SYSTEM } from '#server/services'
import { createOperator } from '#server/services/system/create-operator'

/** `mailtight operator create ADDRESS --password-stdin`: prints `{id}`. */
export async function run({ settings, positionals, options, readPassword }: CommandContext): Promise<unknown> {
  const { ctx } = createServiceContext(settings, createLog('cli', 'error'))
  const [email = ''] = positionals
  return createOperator(ctx, SYSTEM, { email, name: options.name, password: await readPassword() })
}
