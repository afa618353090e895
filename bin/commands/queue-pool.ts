import type { CommandContext } from '#bin/cli/command'
import type { ResellerId } from '#lib/ids'
import { SYSTEM } from '#server/services'
import { givePool, listPools, setPool } from '#server/services/sending/pools'

/** `mailtight queue pool --name N [--addresses A,B --helo NAME] [--reseller R]`: sets the pool, gives it to a reseller, or both; prints all pools. */
export async function run({ settings, services, options }: CommandContext): Promise<unknown> {
  const ctx = await services()
  const { name = '', addresses, helo = settings.hostname, reseller } = options
  if (addresses !== undefined) {
    const list = addresses.split(',').map((one) => one.trim())
    await setPool(ctx, SYSTEM, { name, addresses: list, heloName: helo })
  }
  if (reseller !== undefined) await givePool(ctx, SYSTEM, { resellerId: reseller as ResellerId, name })
  return listPools(ctx, SYSTEM)
}
