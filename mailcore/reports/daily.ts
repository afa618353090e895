import { findDomain } from '#db/control/queries/lookup'
import { selectTenantPlaces } from '#db/control/queries/tenant'
import { DAY_MS } from '#lib/clock'
import { codeOf } from '#lib/errors'
import type { RegionId, TenantId } from '#lib/ids'
import { createDmarcDay, createTlsDay, type DayLine } from './aggregate'
import { type ReportOrigin, type ReportSenderParts, sendReports } from './send'

/** The lines of a tenant's trace of one UTC day, in pieces of whatever size; `day` in days since 1970-01-01. */
export type ReadDay = (of: { tenantId: TenantId; region: RegionId }, day: number) => AsyncIterable<readonly DayLine[]>

/**
 * Gathers a day over all tenants and sends its reports; returns how many. They go out in the name of the domain that our own host's name lies in, which must be
 * hosted here and verified: from no other could they be signed. Without one, none go. A tenant whose trace cannot be read is left out.
 */
export async function sendDailyReports(parts: ReportSenderParts, readDay: ReadDay, day: number): Promise<number> {
  const places = await parts.db.control.withSystem('tenant sweep', selectTenantPlaces)
  const origin = await findOrigin(parts, places)
  if (!origin) {
    parts.log.warn('report.origin', { why: 'no domain of this host is verified here' })
    return 0
  }
  const dmarc = createDmarcDay()
  const tls = createTlsDay()
  for (const { id: tenantId, region } of places) {
    const tenant = dmarc.addTenant()
    try {
      for await (const lines of readDay({ tenantId, region }, day)) {
        tenant.add(lines)
        tls.add(lines)
      }
    } catch (error) {
      parts.log.warn('report.day', { tenant: tenantId, code: codeOf(error) })
    }
    tenant.end()
  }
  return sendReports(parts, origin, { begin: new Date(day * DAY_MS), dmarc: dmarc.groups(), tls: tls.groups() })
}

async function findOrigin(
  parts: ReportSenderParts,
  places: readonly { id: TenantId; region: RegionId }[],
): Promise<ReportOrigin | null> {
  const labels = parts.hostname.split('.')
  for (let at = 0; at <= labels.length - 2; at++) {
    const domain = labels.slice(at).join('.')
    const found = await findDomain(parts.db.control.lookup, domain)
    const place = places.find(({ id }) => id === found?.tenantId)
    if (found && place) return { ...found, domain, region: place.region }
  }
  return null
}
