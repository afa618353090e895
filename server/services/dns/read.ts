import { type DkimKeyRow, selectDkimKeys } from '#db/control/queries/dkim-key'
import { selectChecks } from '#db/control/queries/dns-check'
import { type DomainRow, selectDomain } from '#db/control/queries/domain'
import { Fault } from '#lib/errors'
import type { DkimKeyId, DomainId, TenantId } from '#lib/ids'
import { authoriseTenant } from '#server/access'
import type { Actor, ServiceContext } from '#server/services'
import type { Seen } from '#server/services/dns/compare'
import { dnsPlan, type PlannedRecord, zoneFile } from '#server/services/dns/plan'

/** A planned record and what was last seen of it; `checkedAt` is null before the first look. */
export interface RecordView extends PlannedRecord, Seen {
  checkedAt: Date | null
}

export interface DnsView {
  domain: { id: DomainId; name: string; state: 'unverified' | 'verified'; mtaSts: DomainRow['mtaSts'] }
  records: RecordView[]
  keys: Pick<DkimKeyRow, 'id' | 'selector' | 'algorithm' | 'state' | 'stateAt' | 'publishedAt'>[]
  /** The plan as a zone file to be imported */
  zone: string
  /** Required records that were wrong or missing */
  amiss: number
}

/** The DNS plan of a domain with what was last seen of each record. Throws NOT_FOUND. */
export async function readDns(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; domainId: DomainId },
): Promise<DnsView> {
  await authoriseTenant(ctx, actor, 'domain.dns', input.tenantId)
  const { domain, keys, plan } = await readPlan(ctx, input)
  const checks = await ctx.db.control.withTenant(input.tenantId, (tx) => selectChecks(tx, input))
  const byId = new Map(checks.map((check) => [check.record, check]))
  const records = plan.map((record): RecordView => {
    const seen = byId.get(record.id)
    return {
      ...record,
      state: seen?.state ?? 'unknown',
      found: seen?.found ?? null,
      checkedAt: seen?.checkedAt ?? null,
    }
  })
  return {
    domain: { id: domain.id, name: domain.name, state: domain.state, mtaSts: domain.mtaSts },
    records,
    keys: keys.map(({ id, selector, algorithm, state, stateAt, publishedAt }) => ({
      id,
      selector,
      algorithm,
      state,
      stateAt,
      publishedAt,
    })),
    zone: zoneFile(domain.name, plan),
    amiss: records.filter((one) => one.required && isAmiss(one)).length,
  }
}

export const isAmiss = ({ state }: { state: Seen['state'] }): boolean => state === 'wrong' || state === 'missing'

/** A domain, its keys that are not retired, and its plan. Throws NOT_FOUND. */
export async function readPlan(
  ctx: ServiceContext,
  of: { tenantId: TenantId; domainId: DomainId },
): Promise<{ domain: DomainRow; keys: DkimKeyRow[]; plan: PlannedRecord[] }> {
  const { tenantId, domainId } = of
  const [domain, all] = await ctx.db.control.withTenant(tenantId, async (tx) => [
    await selectDomain(tx, { tenantId, id: domainId }),
    await selectDkimKeys(tx, of),
  ])
  if (!domain) throw new Fault('NOT_FOUND', 'There is no such domain.')
  const keys = all.filter(({ state }) => state !== 'retired')
  const { name, mtaSts } = domain
  const plan = dnsPlan({ domain: name, hostname: ctx.site.hostname, mtaSts, dkim: keys })
  return { domain, keys, plan }
}

/** The keys whose records these are, by id in the plan. */
export const keyOfRecord = (keys: readonly DkimKeyRow[]): Map<string, DkimKeyId> =>
  new Map(keys.map(({ id, selector }) => [`dkim:${selector}`, id]))
