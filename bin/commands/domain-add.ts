import type { CommandContext } from '#bin/cli/command'
import type { TenantId } from '#lib/ids'
import { createLog } from '#lib/log'
import { createServiceContext } from '#server/context'
import { SYSTEM } from '#server/services'
import { addDomain } from '#server/services/domain/add'

/** `mailtight domain add --tenant T --name D [--verified]`: prints `{id, name, state, proof}`. */
export async function run({ settings, options, flags }: CommandContext): Promise<unknown> {
  const { ctx } = createServiceContext(settings, createLog('cli', 'error'))
  const { tenant = '', name = '' } = options
  const verified = flags.verified === true
  const {
    id,
    name: added,
    state,
    proof,
  } = await addDomain(ctx, SYSTEM, { tenantId: tenant as TenantId, name, verified })
  return { id, name: added, state, proof }
}
