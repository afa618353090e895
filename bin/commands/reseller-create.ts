import type { CommandContext } from '#bin/cli/command'
import { createLog } from '#lib/log'
import { createServiceContext } from '#server/context'
import { SYSTEM } from '#server/services'
import { gigabytesGiven, wholeNumber } from '#server/services/input/text'
import { createReseller } from '#server/services/reseller/create'

/** `mailtight reseller create --name N [--seats S] [--storage-gb N] [--domains N]`: prints `{id}`. */
export async function run({ settings, options }: CommandContext): Promise<unknown> {
  const { ctx } = createServiceContext(settings, createLog('cli', 'error'))
  const { name = '', seats, domains } = options
  return createReseller(ctx, SYSTEM, {
    name,
    seats: wholeNumber(seats, 'seats'),
    domains: wholeNumber(domains, 'domains'),
    storageBytes: gigabytesGiven(options['storage-gb'], 'storage-gb'),
  })
}
