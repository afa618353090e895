import type { CommandContext } from '#bin/cli/command'
import type { RegionId, ResellerId } from '#lib/ids'
import { createLog } from '#lib/log'
import { createServiceContext } from '#server/context'
import { SYSTEM } from '#server/services'
import { gigabytesGiven, wholeNumber } from '#server/services/input/text'
import { createTenant } from '#server/services/tenant/create'

/** `mailtight tenant create --reseller R --name N --region G [--seats S] [--storage-gb N] [--domains N]`: prints `{id}`. */
export async function run({ settings, options }: CommandContext): Promise<unknown> {
  const { ctx } = createServiceContext(settings, createLog('cli', 'error'))
  const { reseller = '', name = '', region = '', seats, domains } = options
  return createTenant(ctx, SYSTEM, {
    resellerId: reseller as ResellerId,
    name,
    region: region as RegionId,
    seats: wholeNumber(seats, 'seats'),
    domains: wholeNumber(domains, 'domains'),
    storageBytes: gigabytesGiven(options['storage-gb'], 'storage-gb'),
  })
}
