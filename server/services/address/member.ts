import { directoryChanged, selectLivingAccounts } from '#db/control/queries/account'
import { countMembers, deleteMember, insertMembers, lockGroup } from '#db/control/queries/address-group'
import { Fault } from '#lib/errors'
import { type Branded, type GroupId, newId, type TenantId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import { sealMember } from '#lib/sealed-address'
import { normaliseAddress } from '#mailcore/api'
import { authoriseTenant } from '#server/access'
import { recordAct } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'

/** What could not be added, and why, in words for whoever asked. */
export interface NotAdded {
  who: string
  why: string
}

/**
 * Adds members by their addresses: people of this organisation as themselves, others (lists only) by address. What cannot be added is answered, and the rest
 * is added all the same. Throws LIMIT when they would be too many.
 */
export async function addMembers(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; groupId: GroupId; addresses: readonly string[] },
): Promise<{ added: number; notAdded: NotAdded[] }> {
  const { tenantId, groupId } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'address.change', tenantId)
  const notAdded: NotAdded[] = []
  const wanted = new Set<string>()
  for (const text of input.addresses) {
    const address = normaliseAddress(text.trim())
    if (address) wanted.add(address)
    else notAdded.push({ who: text.trim().slice(0, 100), why: 'This is not a valid e-mail address.' })
  }
  const people = new Map((await ctx.directoryCache.people(tenantId)).map((one) => [one.address, one.accountId]))
  const key = await ctx.core.keys.tenantKey(tenantId)
  return ctx.db.control.withTenant(tenantId, async (tx) => {
    const group = await lockGroup(tx, { tenantId, groupId })
    if (!group) throw new Fault('NOT_FOUND', 'There is no such group or list.')
    const living = new Set((await selectLivingAccounts(tx, tenantId)).map(({ id }) => id))
    const rows: Parameters<typeof insertMembers>[1][number][] = []
    const names = new Map<string, string>()
    for (const address of wanted) {
      const id = newId<Branded<'GroupMember'>>()
      const accountId = people.get(address)
      const common = { tenantId, groupId, id, createdAt: ctx.clock.now() }
      if (accountId && living.has(accountId)) rows.push({ ...common, accountId })
      else if (group.kind === 'group') {
        notAdded.push({ who: address, why: 'Only people here can be in a group. A list takes anyone.' })
        continue
      } else {
        const addressSealed = sealMember(key, { tenantId, groupId, id }, address)
        rows.push({ ...common, addressSealed, addressHash: ctx.core.addressHash(address) })
      }
      names.set(id, address)
    }
    if ((await countMembers(tx, { tenantId, groupId })) + rows.length > LIMITS.membersPerGroup)
      throw new Fault('LIMIT', `A group or list has at most ${LIMITS.membersPerGroup} members.`, { field: 'addresses' })
    const added = await insertMembers(tx, rows)
    for (const [id, who] of names) if (!added.has(id)) notAdded.push({ who, why: 'Is a member already.' })
    if (added.size > 0) {
      const concerned = { resellerId: tenant.resellerId, tenantId }
      await recordAct(tx, { actor, action: 'group.members', concerned, facts: { group: groupId, added: added.size } })
      await directoryChanged(tx, tenantId)
    }
    return { added: added.size, notAdded }
  })
}

/** Takes one member out. Throws NOT_FOUND. */
export async function removeMember(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; groupId: GroupId; memberId: string },
): Promise<void> {
  const { tenantId, groupId, memberId } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'address.change', tenantId)
  await ctx.db.control.withTenant(tenantId, async (tx) => {
    if (!(await deleteMember(tx, { tenantId, groupId, id: memberId })))
      throw new Fault('NOT_FOUND', 'There is no such member.')
    const concerned = { resellerId: tenant.resellerId, tenantId }
    await recordAct(tx, { actor, action: 'group.members', concerned, facts: { group: groupId, removed: 1 } })
    await directoryChanged(tx, tenantId)
  })
}
