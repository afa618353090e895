import { selectRegion } from '#db/control/queries/region'
import { lockReseller } from '#db/control/queries/seats'
import { insertTenant } from '#db/control/queries/tenant'
import { seal } from '#lib/crypto/aead'
import { Fault } from '#lib/errors'
import { newId, type RegionId, type ResellerId, type TenantId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import { authoriseReseller } from '#server/access'
import { beginIntent } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'
import { countOf, nameOf, storageOf } from '#server/services/input/text'
import { runIntent } from '#server/services/intents'
import { tenantNameContext } from '#server/services/tenant/name'
import { requireDomainCap, requireSeats, requireStorage } from '#server/services/tenant/seats'

export interface CreateTenantInput {
  resellerId: ResellerId
  name: string
  region: RegionId
  /** Set aside from the reseller's seats. Without it: up to 1,000, drawn one by one from what the reseller has free. */
  seats?: number
  domains?: number
  /** Set aside from the reseller's storage, in bytes. Without it: each account's quota is drawn from what the reseller has free. */
  storageBytes?: number
  /** Days deleted mail stays recoverable: initially, and the most an account may choose. */
  recoverDays?: number
}

/** Makes a tenant. Throws LIMIT with the numbers when its caps do not fit into the reseller's. */
export async function createTenant(
  ctx: ServiceContext,
  actor: Actor,
  input: CreateTenantInput,
): Promise<{ id: TenantId }> {
  const { resellerId, region } = input
  const { reseller } = await authoriseReseller(ctx, actor, 'tenant.create', resellerId)
  if (reseller.state !== 'active') throw new Fault('FORBIDDEN', 'This reseller is suspended.')
  const name = nameOf(input.name, 'name', LIMITS.tenantNameBytes)
  const seats = input.seats === undefined ? null : countOf(input.seats, 'seats', { least: 0, most: 10_000_000 })
  const domains = input.domains === undefined ? null : countOf(input.domains, 'domains', { least: 0, most: 1_000_000 })
  const storage = input.storageBytes === undefined ? null : storageOf(input.storageBytes, 'storageBytes')
  const { least, most, initially } = LIMITS.recoverDays
  const recoverDays = countOf(input.recoverDays ?? initially, 'recoverDays', { least, most })
  const id = newId<TenantId>()
  const nameSealed = seal(
    await ctx.core.keys.resellerKey(resellerId),
    Buffer.from(name),
    tenantNameContext(resellerId, id),
  )
  const intentId = await ctx.db.control.withReseller(resellerId, async (tx) => {
    const room = await lockReseller(tx, resellerId)
    if (!room) throw new Fault('NOT_FOUND', 'There is no such reseller.')
    if (!(await selectRegion(tx, region)))
      throw new Fault('BAD_REQUEST', 'There is no such region.', { field: 'region' })
    if (seats !== null) requireSeats(room, seats, 0)
    if (storage !== null) requireStorage(room, storage, 0)
    requireDomainCap(room, domains)
    await insertTenant(tx, {
      id,
      resellerId,
      region,
      nameSealed,
      // Comes to life with its keys.
      state: 'suspended',
      seatsCap: seats ?? LIMITS.seatsInitially,
      seatsReserved: seats !== null,
      storageCapBytes: storage,
      domainsCap: domains,
      recoverDays,
      queuePublicKey: Buffer.alloc(0),
      queueKeyVersion: 0,
      createdAt: ctx.clock.now(),
    })
    return beginIntent(tx, {
      actor,
      action: 'tenant.create',
      concerned: { resellerId, tenantId: id },
      facts: { region, seats: seats ?? LIMITS.seatsInitially, reserved: seats !== null, storageBytes: storage },
      input: {},
      now: ctx.clock.now(),
    })
  })
  await runIntent(ctx, intentId, { tenantId: id, resellerId })
  return { id }
}
