import { selectDomain } from '#db/control/queries/domain'
import { DAY_MS } from '#lib/clock'
import { Fault } from '#lib/errors'
import type { DomainId, TenantId } from '#lib/ids'
import { authoriseTenant } from '#server/access'
import type { Actor, ServiceContext } from '#server/services'
import { type Hint, hintsOf } from '#server/services/report/hints'
import { type ReportsView, summarise } from '#server/services/report/summarise'

export interface DomainReports extends ReportsView {
  domain: { id: DomainId; name: string }
  days: number
  hints: Hint[]
  /** Reports whose sender could not be proven: anybody may have written them. Left out unless asked for. */
  unproven: number
  /** Were there more than are read at once? Then the oldest of the time are missing. */
  cut: boolean
}

/** Reports read for one page: some hundred organisations report daily at most, and each costs a decryption. */
const READ_MOST = 2_000

/**
 * What other servers reported about a domain of the tenant over so many days. Throws NOT_FOUND for a domain that is not the tenant's. Reports that no check
 * of ours ties to their sender count only with `unproven`.
 */
export async function getDomainReports(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; domainId: DomainId; days: number; unproven?: boolean },
): Promise<DomainReports> {
  const { tenantId, domainId, days } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'report.read', tenantId)
  const domain = await ctx.db.control.withTenant(tenantId, (tx) => selectDomain(tx, { tenantId, id: domainId }))
  if (!domain) throw new Fault('NOT_FOUND', 'There is no such domain.')
  const since = new Date(ctx.clock.now().getTime() - days * DAY_MS)
  const { reports, unreadable } = await ctx.core.reports(
    { tenantId, region: tenant.region, domainId },
    { since, limit: READ_MOST },
  )
  if (unreadable > 0) ctx.log.warn('reports do not open', { tenant: tenantId, domain: domainId, count: unreadable })
  const proven = reports.filter(({ submitter }) => submitter === 'verified')
  const view = summarise(input.unproven ? reports : proven)
  return {
    ...view,
    domain: { id: domain.id, name: domain.name },
    days,
    hints: hintsOf(domain.name, view),
    unproven: reports.length - proven.length,
    cut: reports.length >= READ_MOST,
  }
}
