import type { AuditView } from '#server/services/audit/view'
import type { TenantView } from '#server/services/tenant/view'
import type { AuditRow } from '../_parts/portal/audit-table'

/** Says at which customer each act was. People are not named to a reseller here. */
export function withCustomer(items: readonly AuditView[], customers: readonly TenantView[]): AuditRow[] {
  const names = new Map<string, string>(customers.map(({ id, name }) => [id, name]))
  return items.map((item) => ({ ...item, about: aboutOf(item, names) }))
}

function aboutOf({ tenantId, accountId }: AuditView, names: Map<string, string>): string {
  if (tenantId === null) return 'Your own account with us'
  const customer = names.get(tenantId) ?? 'A former customer'
  return accountId === null ? customer : `A person at ${customer}`
}
