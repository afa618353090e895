import { isIP } from 'node:net'
import { selectPools, setPoolOfReseller, upsertPool } from '#db/control/queries/pool'
import { Fault } from '#lib/errors'
import type { ResellerId } from '#lib/ids'
import { authoriseHouse, authoriseReseller } from '#server/access'
import { recordAct } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'

export interface PoolView {
  name: string
  addresses: string[]
  heloName: string
  resellers: ResellerId[]
}

/** Every pool of addresses that mail leaves from. */
export async function listPools(ctx: ServiceContext, actor: Actor): Promise<PoolView[]> {
  authoriseHouse(actor, 'house.read')
  return ctx.db.control.withSystem('operator desk', (tx) => selectPools(tx))
}

/** Makes a pool or changes it. The one named `default` serves every reseller that has none. */
export async function setPool(
  ctx: ServiceContext,
  actor: Actor,
  input: { name: string; addresses: readonly string[]; heloName: string },
): Promise<void> {
  authoriseHouse(actor, 'house.manage')
  const { name, addresses } = input
  const heloName = input.heloName.toLowerCase()
  if (!/^[a-z0-9-]{1,40}$/.test(name))
    throw new Fault('BAD_REQUEST', 'A pool has a short name of small letters and digits.', { field: 'name' })
  if (addresses.length === 0 || addresses.length > 100 || addresses.some((one) => isIP(one) === 0))
    throw new Fault('BAD_REQUEST', 'A pool has IP addresses of this host, one at least.', { field: 'addresses' })
  if (!/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/.test(heloName))
    throw new Fault('BAD_REQUEST', 'The name said to other servers must be a host name.', { field: 'heloName' })
  await ctx.db.control.withSystem('operator desk', async (tx) => {
    await upsertPool(tx, { name, addresses: [...addresses], heloName })
    const facts = { pool: name, addresses: addresses.length }
    await recordAct(tx, { actor, action: 'pool.set', concerned: { resellerId: null }, facts })
  })
}

/** Lets a reseller's mail leave from a pool; null: from the default one again. */
export async function givePool(
  ctx: ServiceContext,
  actor: Actor,
  input: { resellerId: ResellerId; name: string | null },
): Promise<void> {
  const { resellerId, name } = input
  await authoriseReseller(ctx, actor, 'reseller.pool', resellerId)
  await ctx.db.control.withSystem('operator desk', async (tx) => {
    const known = await selectPools(tx)
    if (name !== null && !known.some((pool) => pool.name === name))
      throw new Fault('NOT_FOUND', 'There is no such pool.', { field: 'name' })
    await setPoolOfReseller(tx, resellerId, name)
    await recordAct(tx, { actor, action: 'pool.give', concerned: { resellerId }, facts: { pool: name } })
  })
}
