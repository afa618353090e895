import { domainHolder, markVerified, selectDomain } from '#db/control/queries/domain'
import { isTaken } from '#db/control/queries/taken'
import { codeOf, Fault } from '#lib/errors'
import type { DomainId, TenantId } from '#lib/ids'
import { authoriseTenant } from '#server/access'
import { recordAct } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'
import { tendDkim } from '#server/services/dkim/tend'
import { taken } from '#server/services/domain/add'
import { proofName } from '#server/services/domain/view'

/** TXT records of a name, one joined string each; [] when there are none. Throws UNAVAILABLE on a temporary failure. */
export type TxtLookup = (name: string) => Promise<string[]>

/**
 * Verifies a domain by its TXT record, or by the operator's word. Idempotent. Throws NOT_FOUND for the domain, CONFLICT when another
 * organisation has verified the name, BAD_REQUEST when the record is not there.
 */
export async function verifyDomain(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; domainId: DomainId } & ({ verified: true } | { txt: TxtLookup }),
): Promise<{ state: 'verified' }> {
  const { tenantId, domainId: id } = input
  const declared = 'verified' in input
  const act = declared ? 'domain.declare-verified' : 'domain.verify'
  const { tenant } = await authoriseTenant(ctx, actor, act, tenantId)
  const domain = await ctx.db.control.withTenant(tenantId, (tx) => selectDomain(tx, { tenantId, id }))
  if (!domain) throw new Fault('NOT_FOUND', 'There is no such domain.')
  if (domain.state === 'verified') return { state: 'verified' }
  if ('txt' in input) {
    const found = await input.txt(proofName(domain.name)).catch((error: unknown) => {
      if (error instanceof Fault && error.code === 'NOT_FOUND') return []
      throw error
    })
    if (!found.some((text) => text.trim() === domain.proofToken))
      throw new Fault(
        'BAD_REQUEST',
        `The TXT record ${proofName(domain.name)} does not hold ${domain.proofToken} yet. A new record can take an hour to be seen.`,
      )
  }
  try {
    await ctx.db.control.withTenant(tenantId, async (tx) => {
      const holder = await domainHolder(tx, domain.name)
      if (holder && holder.id !== id) throw taken()
      if (!(await markVerified(tx, { tenantId, id, at: ctx.clock.now() }))) return
      const concerned = { resellerId: tenant.resellerId, tenantId }
      await recordAct(tx, { actor, action: 'domain.verify', concerned, facts: { domain: id, declared } })
    })
  } catch (error) {
    throw isTaken(error) ? taken() : error
  }
  try {
    await tendDkim(ctx, actor, { tenantId, resellerId: tenant.resellerId, domainId: id })
  } catch (error) {
    // The domain is verified all the same; the worker makes its keys within minutes.
    ctx.log.warn('no signing keys yet', { domain: id, error: codeOf(error) })
  }
  return { state: 'verified' }
}
