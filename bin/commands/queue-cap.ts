import type { CommandContext } from '#bin/cli/command'
import type { TenantId } from '#lib/ids'
import { SYSTEM } from '#server/services'
import { setTenantCap } from '#server/services/sending/state'

/** `mailtight queue cap --tenant T --per-hour N --per-day N`: recipients outside; prints `{perHour, perDay}`. */
export async function run({ services, options }: CommandContext): Promise<unknown> {
  const ctx = await services()
  const caps = { perHour: Number(options['per-hour']), perDay: Number(options['per-day']) }
  await setTenantCap(ctx, SYSTEM, { tenantId: (options.tenant ?? '') as TenantId, ...caps })
  return caps
}
