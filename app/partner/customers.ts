import type { DomainView } from '#server/services/domain/view'
import type { TenantView } from '#server/services/tenant/view'
import type { Caller } from '#server/web/backend'
import { allOf } from '../_parts/portal/query'

/** A domain and the customer it belongs to. */
export type CustomerDomain = DomainView & { customer: TenantView }

/** All customers, by name. */
export const customersOf = ({ partner }: Caller): Promise<TenantView[]> => allOf((page) => partner.tenants.list(page))

/** The domains of all customers: those that wait first. */
export async function domainsOf({ partner }: Caller, customers: readonly TenantView[]): Promise<CustomerDomain[]> {
  const found: CustomerDomain[] = []
  for (const customer of customers) {
    if (customer.domains.used === 0) continue
    const domains = await partner.domains.list({ tenantId: customer.id })
    found.push(...domains.map((domain) => ({ ...domain, customer })))
  }
  return found.sort((a, b) => a.state.localeCompare(b.state) || a.name.localeCompare(b.name))
}
