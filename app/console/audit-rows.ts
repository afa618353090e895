import type { AuditView } from '#server/services/audit/view'
import type { Caller } from '#server/web/backend'
import type { AuditRow } from '../_parts/portal/audit-table'
import { allOf } from '../_parts/portal/query'

/** Says whom or what each line concerns: a person by address, a domain by name. */
export async function withWhom({ console: desk }: Caller, items: readonly AuditView[]): Promise<AuditRow[]> {
  const [people, domains] = await Promise.all([allOf((page) => desk.accounts.list(page)), desk.domains.list()])
  const addresses = new Map<string, string>(people.map((person) => [person.accountId, person.address]))
  const names = new Map<string, string>(domains.map((domain) => [domain.id, domain.name]))
  return items.map((item) => ({ ...item, about: aboutOf(item, addresses, names) }))
}

function aboutOf(item: AuditView, addresses: Map<string, string>, names: Map<string, string>): string {
  if (item.accountId !== null) return addresses.get(item.accountId) ?? 'An account that has ended'
  const { domain } = item.facts
  if (typeof domain === 'string') return names.get(domain) ?? 'A domain that was removed'
  return 'The organisation'
}
