import { countDomains } from '#db/control/queries/domain'
import { lockReseller, lockSeats, type ResellerRoom, type TenantSeats } from '#db/control/queries/seats'
import { updateTenant } from '#db/control/queries/tenant'
import { seal } from '#lib/crypto/aead'
import { Fault } from '#lib/errors'
import type { TenantId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import { authoriseTenant } from '#server/access'
import { recordAct } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'
import { countOf, gigabytes, nameOf, storageOf } from '#server/services/input/text'
import { tenantNameContext } from '#server/services/tenant/name'
import { requireDomainCap, requireSeats, requireStorage } from '#server/services/tenant/seats'

/** Changes a tenant's name or caps. Seats given by number are set aside; a cap below what is in use is refused with the numbers. */
export async function updateTenantSettings(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; name?: string; seats?: number; domains?: number | null; storageBytes?: number | null },
): Promise<void> {
  const { tenantId } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'tenant.update', tenantId)
  const { resellerId } = tenant
  const seats = input.seats === undefined ? undefined : countOf(input.seats, 'seats', { least: 0, most: 10_000_000 })
  const domains =
    typeof input.domains === 'number' ? countOf(input.domains, 'domains', { least: 0, most: 1_000_000 }) : input.domains
  const storage =
    typeof input.storageBytes === 'number' ? storageOf(input.storageBytes, 'storageBytes') : input.storageBytes
  const nameSealed =
    input.name === undefined
      ? undefined
      : seal(
          await ctx.core.keys.resellerKey(resellerId),
          Buffer.from(nameOf(input.name, 'name', LIMITS.tenantNameBytes)),
          tenantNameContext(resellerId, tenantId),
        )
  await ctx.db.control.withTenant(tenantId, async (tx) => {
    const now = await lockSeats(tx, tenantId)
    const room = await lockReseller(tx, resellerId)
    if (!now || !room) throw new Fault('NOT_FOUND', 'There is no such organisation.')
    if (seats !== undefined) {
      if (seats < now.tenantUsed)
        throw new Fault('LIMIT', `${now.tenantUsed} seats are in use; the cap cannot be ${seats}.`, { field: 'seats' })
      requireSeats(room, seats, now.reserved ? now.tenantCap : now.tenantUsed)
    }
    if (domains !== undefined) {
      requireDomainCap(room, domains)
      const used = await countDomains(tx, tenantId)
      if (domains !== null && domains < used)
        throw new Fault('LIMIT', `${used} domains are in use; the cap cannot be ${domains}.`, { field: 'domains' })
    }
    if (storage !== undefined) requireTenantStorage(now, room, storage)
    const set = {
      ...(seats === undefined ? {} : { seatsCap: seats, seatsReserved: true }),
      ...(domains === undefined ? {} : { domainsCap: domains }),
      ...(storage === undefined ? {} : { storageCapBytes: storage }),
      ...(nameSealed === undefined ? {} : { nameSealed }),
    }
    if (Object.keys(set).length === 0) return
    await updateTenant(tx, tenantId, set)
    await recordAct(tx, {
      actor,
      action: 'tenant.update',
      concerned: { resellerId, tenantId },
      facts: {
        ...(seats === undefined ? {} : { seats }),
        ...(domains === undefined ? {} : { domains }),
        ...(storage === undefined ? {} : { storageBytes: storage }),
        ...(nameSealed === undefined ? {} : { renamed: true }),
      },
    })
  })
}

function requireTenantStorage(now: TenantSeats, room: ResellerRoom, wanted: number | null): void {
  // Without a cap of its own a tenant counts for the quotas it has given: never more than its cap counted for.
  if (wanted === null) return
  if (wanted < now.storageGiven)
    throw new Fault(
      'LIMIT',
      `${gigabytes(now.storageGiven)} of storage are given to accounts; the cap cannot be ${gigabytes(wanted)}.`,
      { field: 'storageBytes' },
    )
  requireStorage(room, wanted, now.storageCap ?? now.storageGiven)
}
