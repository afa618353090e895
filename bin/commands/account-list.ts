import type { CommandContext } from '#bin/cli/command'
import type { TenantId } from '#lib/ids'
import { createLog } from '#lib/log'
import { createServiceContext } from '#server/context'
import { SYSTEM } from '#server/services'
import { listAccounts } from '#server/services/account/list'
import { collect } from '#server/services/input/paging'

/** `mailtight account list --tenant T`: prints an array of `{id, address, name, role, state, …}`. */
export async function run({ settings, options }: CommandContext): Promise<unknown> {
  const { ctx } = createServiceContext(settings, createLog('cli', 'error'))
  const tenantId = (options.tenant ?? '') as TenantId
  const people = await collect((after) => listAccounts(ctx, SYSTEM, { tenantId, after, limit: 200 }))
  return people.map(({ accountId, address, name, role, state, recoverDays, quotaBytes, createdAt, closingUntil }) => ({
    id: accountId,
    address,
    name,
    role,
    state,
    recoverDays,
    quotaBytes,
    createdAt,
    closingUntil,
  }))
}
