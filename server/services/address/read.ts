import { type GroupRow, selectGroup, selectGroups, selectMembers } from '#db/control/queries/address-group'
import { selectSecondary } from '#db/control/queries/directory'
import { selectDomains } from '#db/control/queries/domain'
import { Fault } from '#lib/errors'
import type { AccountId, DomainId, GroupId, TenantId } from '#lib/ids'
import { openAlias, openGroup, openMember } from '#lib/sealed-address'
import { authoriseTenant } from '#server/access'
import type { Actor, ServiceContext } from '#server/services'
import type { Posting } from '#server/services/address/group'

export interface AliasView {
  address: string
  accountId: AccountId
  /** The owner's own address */
  owner: string
  createdAt: Date
}

export interface GroupView {
  id: GroupId
  kind: 'group' | 'list'
  address: string
  name: string
  description: string
  posting: Posting
  members: number
}

export interface CatchAllView {
  domainId: DomainId
  domain: string
  accountId: AccountId | null
}

export interface AddressesView {
  aliases: AliasView[]
  groups: GroupView[]
  catchAll: CatchAllView[]
}

export interface MemberView {
  id: string
  address: string
  /** Null: somebody elsewhere */
  accountId: AccountId | null
}

/** Every address of an organisation that is not a person's own: aliases, groups and lists, and who takes what names nobody. */
export async function listAddresses(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId },
): Promise<AddressesView> {
  const { tenantId } = input
  await authoriseTenant(ctx, actor, 'address.list', tenantId)
  const { aliases, groups, domains } = await ctx.db.control.withTenant(tenantId, async (tx) => ({
    aliases: await selectSecondary(tx, { tenantId, kind: 'alias' }),
    groups: await selectGroups(tx, tenantId),
    domains: await selectDomains(tx, tenantId),
  }))
  const key = await ctx.core.keys.tenantKey(tenantId)
  const people = new Map((await ctx.directoryCache.people(tenantId)).map((one) => [one.accountId, one.address]))
  return {
    aliases: aliases.map(({ addressHash, sealed, accountId, createdAt }) => ({
      address: openAlias(key, tenantId, addressHash, sealed).address,
      accountId,
      owner: people.get(accountId) ?? '',
      createdAt,
    })),
    groups: groups.map((row) => ({ ...viewOf(key, row), members: row.members })),
    catchAll: domains
      .filter(({ state }) => state === 'verified')
      .map(({ id, name, catchAllId }) => ({ domainId: id, domain: name, accountId: catchAllId })),
  }
}

const viewOf = (key: Buffer, { tenantId, id, kind, posting, sealed }: GroupRow): Omit<GroupView, 'members'> => ({
  id,
  kind,
  posting,
  ...openGroup(key, tenantId, id, sealed),
})

/** One group or list with its members, by address. Throws NOT_FOUND. */
export async function getGroup(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; groupId: GroupId },
): Promise<Omit<GroupView, 'members'> & { members: MemberView[] }> {
  const { tenantId, groupId } = input
  await authoriseTenant(ctx, actor, 'address.list', tenantId)
  const found = await ctx.db.control.withTenant(tenantId, async (tx) => ({
    group: await selectGroup(tx, { tenantId, groupId }),
    rows: await selectMembers(tx, { tenantId, groupId }),
  }))
  if (!found.group) throw new Fault('NOT_FOUND', 'There is no such group or list.')
  const key = await ctx.core.keys.tenantKey(tenantId)
  const people = new Map((await ctx.directoryCache.people(tenantId)).map((one) => [one.accountId, one.address]))
  const members = found.rows.map(({ id, accountId, addressSealed }) => ({
    id,
    accountId,
    address: addressSealed ? openMember(key, { tenantId, groupId, id }, addressSealed) : nameOf(people, accountId),
  }))
  return { ...viewOf(key, found.group), members: members.sort((a, b) => a.address.localeCompare(b.address)) }
}

const nameOf = (people: ReadonlyMap<AccountId, string>, id: AccountId | null): string =>
  (id === null ? undefined : people.get(id)) ?? 'An account that is gone'
