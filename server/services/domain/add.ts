import { randomBytes } from 'node:crypto'
import type { ControlTx } from '#db/client'
import { countDomains, domainHolder, insertDomain } from '#db/control/queries/domain'
import { lockReseller } from '#db/control/queries/seats'
import { isTaken } from '#db/control/queries/taken'
import type { TenantRow } from '#db/control/queries/tenant'
import { Fault } from '#lib/errors'
import { type DomainId, newId, type TenantId } from '#lib/ids'
import { authoriseTenant } from '#server/access'
import { recordAct } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'
import { type DomainView, domainView } from '#server/services/domain/view'
import { domainOf } from '#server/services/input/text'

/** Adds a domain, unverified unless the operator declares it verified. The answer says which TXT record proves it. */
export async function addDomain(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; name: string; verified?: boolean },
): Promise<DomainView> {
  const { tenantId } = input
  const verified = input.verified ?? false
  const { tenant } = await authoriseTenant(ctx, actor, verified ? 'domain.declare-verified' : 'domain.add', tenantId)
  const now = ctx.clock.now()
  const row = {
    tenantId,
    id: newId<DomainId>(),
    name: domainOf(input.name),
    state: verified ? ('verified' as const) : ('unverified' as const),
    proofToken: `mailtight-proof=${randomBytes(16).toString('hex')}`,
    createdAt: now,
    verifiedAt: verified ? now : null,
    catchAllId: null,
    mtaSts: 'testing' as const,
  }
  try {
    await ctx.db.control.withTenant(tenantId, async (tx) => {
      await requireDomainRoom(tx, tenant)
      // Only a verified name is exclusive: otherwise anyone could block a name by claiming it.
      if (verified && (await domainHolder(tx, row.name))) throw taken()
      await insertDomain(tx, row)
      await recordAct(tx, {
        actor,
        action: 'domain.add',
        concerned: { resellerId: tenant.resellerId, tenantId },
        facts: { domain: row.id, verified },
      })
    })
  } catch (error) {
    throw isTaken(error) ? taken() : error
  }
  return domainView({ ...row, addresses: 0 })
}

export const taken = () => new Fault('CONFLICT', 'This domain is in use already.', { field: 'name' })

async function requireDomainRoom(tx: ControlTx, tenant: TenantRow): Promise<void> {
  const room = await lockReseller(tx, tenant.resellerId)
  if (!room) throw new Fault('NOT_FOUND', 'There is no such organisation.')
  if (room.domainsCap !== null && room.domainsUsed >= room.domainsCap)
    throw new Fault('LIMIT', `All ${room.domainsCap} domains of the reseller are in use.`, { field: 'name' })
  const used = await countDomains(tx, tenant.id)
  if (tenant.domainsCap !== null && used >= tenant.domainsCap)
    throw new Fault('LIMIT', `All ${tenant.domainsCap} domains of this organisation are in use.`, { field: 'name' })
}
