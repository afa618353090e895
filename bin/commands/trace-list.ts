import type { CommandContext } from '#bin/cli/command'
import type { TenantId, TraceId } from '#lib/ids'
import { SYSTEM } from '#server/services'
import { listWays } from '#server/services/trace/list'

/** `mailtight trace list --tenant T [--message ID] [--after A] [--troubled]`: the ways of messages, the latest first, without addresses. */
export async function run({ services, options, flags }: CommandContext): Promise<unknown> {
  const { tenant = '', message, after } = options
  return listWays(await services(), SYSTEM, {
    tenantId: tenant as TenantId,
    limit: 100,
    troubled: flags.troubled ?? false,
    ...(message === undefined ? {} : { traceId: message as TraceId }),
    ...(after === undefined ? {} : { after }),
  })
}
