import type { TenantId } from '#lib/ids'
import { authoriseTenant } from '#server/access'
import type { Person } from '#server/directory-cache'
import type { Actor, Page, ServiceContext } from '#server/services'
import type { AccountView } from '#server/services/account/view'
import { pageAfter, pageLimit } from '#server/services/input/paging'

export interface ListAccountsInput {
  tenantId: TenantId
  /** Part of a name or address, in any case. */
  search?: string
  state?: Person['state']
  sort?: 'address' | 'name' | 'created'
  /** The id of the last account of the page before. */
  after?: string
  limit?: number
}

/** The people of a tenant, sorted and searched in memory, since their names and addresses are sealed in the database. */
export async function listAccounts(
  ctx: ServiceContext,
  actor: Actor,
  input: ListAccountsInput,
): Promise<Page<AccountView> & { total: number }> {
  await authoriseTenant(ctx, actor, 'account.list', input.tenantId)
  const wanted = input.search?.trim().toLowerCase() ?? ''
  const people = (await ctx.directoryCache.people(input.tenantId)).filter(
    (person) =>
      (input.state === undefined || person.state === input.state) &&
      (person.address.includes(wanted) || person.name.toLowerCase().includes(wanted)),
  )
  switch (input.sort ?? 'address') {
    case 'address':
      break
    case 'name':
      people.sort((a, b) => a.name.localeCompare(b.name) || (a.accountId < b.accountId ? -1 : 1))
      break
    case 'created':
      people.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.accountId < b.accountId ? -1 : 1))
      break
  }
  const page = pageAfter(people, (person) => person.accountId, { after: input.after, limit: pageLimit(input.limit) })
  return { ...page, total: people.length }
}
