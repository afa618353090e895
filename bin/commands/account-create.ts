import type { CommandContext } from '#bin/cli/command'
import type { TenantId } from '#lib/ids'
import { createLog } from '#lib/log'
import { createServiceContext } from '#server/context'
import { SYSTEM } from '#server/services'
import { createAccount } from '#server/services/account/create'
import { findTenantOfAddress } from '#server/services/domain/find-holder'

/** `mailtight account create ADDRESS --password-stdin [--tenant T]`: prints `{id}`. Without a tenant: the one that holds the domain. */
export async function run({ settings, positionals, options, readPassword }: CommandContext): Promise<unknown> {
  const { ctx } = createServiceContext(settings, createLog('cli', 'error'))
  const [address = ''] = positionals
  const password = await readPassword()
  const tenantId = options.tenant ? (options.tenant as TenantId) : await findTenantOfAddress(ctx, SYSTEM, address)
  return createAccount(ctx, SYSTEM, { tenantId, address, name: options.name, password })
}
