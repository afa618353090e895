import { directoryChanged } from '#db/control/queries/account'
import {
  countGroups,
  countMembers,
  deleteGroup,
  insertGroup,
  lockGroup,
  selectGroup,
  updateGroup,
} from '#db/control/queries/address-group'
import { insertAddress } from '#db/control/queries/directory'
import { isTaken } from '#db/control/queries/taken'
import { DAY_MS } from '#lib/clock'
import { Fault } from '#lib/errors'
import { type GroupId, newId, type TenantId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import { openGroup, sealGroup } from '#lib/sealed-address'
import { authoriseTenant } from '#server/access'
import { recordAct } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'
import { claimable, hashOf, inUse, wholeAddress } from '#server/services/address/claim'
import { nameOf } from '#server/services/input/text'

export type Posting = 'anyone' | 'tenant' | 'members'

interface GroupInput {
  name: string
  description: string
  posting: Posting
}

const noGroup = () => new Fault('NOT_FOUND', 'There is no such group or list.')

const textOf = ({ name, description }: GroupInput): { name: string; description: string } => ({
  name: nameOf(name, 'name'),
  description: description.trim() === '' ? '' : nameOf(description, 'description', LIMITS.reasonBytes),
})

/** Makes a group (its people get each message themselves) or a list (it sends on, to anyone). Throws CONFLICT for an address in use, LIMIT. */
export async function createGroup(
  ctx: ServiceContext,
  actor: Actor,
  input: GroupInput & { tenantId: TenantId; kind: 'group' | 'list'; address: string },
): Promise<{ id: GroupId; address: string }> {
  const { tenantId, kind, posting } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'address.change', tenantId)
  const { address, domain } = wholeAddress(input.address)
  const text = textOf(input)
  const addressHash = hashOf(ctx, address)
  const id = newId<GroupId>()
  const sealed = sealGroup(await ctx.core.keys.tenantKey(tenantId), tenantId, id, { address, ...text })
  try {
    await ctx.db.control.withTenant(tenantId, async (tx) => {
      if ((await countGroups(tx, tenantId)) >= LIMITS.groupsPerTenant)
        throw new Fault('LIMIT', `There are ${LIMITS.groupsPerTenant} groups and lists already. Remove one first.`)
      const domainId = await claimable(tx, { tenantId, domain, addressHash })
      await insertGroup(tx, { tenantId, id, domainId, kind, posting, sealed, createdAt: ctx.clock.now() })
      await insertAddress(tx, { addressHash, tenantId, groupId: id, domainId, kind: 'group' })
      const concerned = { resellerId: tenant.resellerId, tenantId }
      await recordAct(tx, { actor, action: 'group.add', concerned, facts: { group: id, kind, posting } })
      await directoryChanged(tx, tenantId)
    })
  } catch (error) {
    throw isTaken(error) ? inUse() : error
  }
  return { id, address }
}

/** Changes name, description and who may write to it; the address stays. */
export async function changeGroup(
  ctx: ServiceContext,
  actor: Actor,
  input: GroupInput & { tenantId: TenantId; groupId: GroupId },
): Promise<void> {
  const { tenantId, groupId, posting } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'address.change', tenantId)
  const text = textOf(input)
  const key = await ctx.core.keys.tenantKey(tenantId)
  await ctx.db.control.withTenant(tenantId, async (tx) => {
    const group = await lockGroup(tx, { tenantId, groupId })
    if (!group) throw noGroup()
    const { address } = openGroup(key, tenantId, groupId, group.sealed)
    const sealed = sealGroup(key, tenantId, groupId, { address, ...text })
    await updateGroup(tx, { tenantId, groupId }, { sealed, posting })
    const concerned = { resellerId: tenant.resellerId, tenantId }
    await recordAct(tx, { actor, action: 'group.change', concerned, facts: { group: groupId, posting } })
    await directoryChanged(tx, tenantId)
  })
}

/** Removes a group or list. Its members keep the mail they have. */
export async function removeGroup(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; groupId: GroupId },
): Promise<{ members: number }> {
  const { tenantId, groupId } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'address.change', tenantId)
  const freeAt = new Date(ctx.clock.now().getTime() + LIMITS.addressQuarantineDays * DAY_MS)
  return ctx.db.control.withTenant(tenantId, async (tx) => {
    const group = await selectGroup(tx, { tenantId, groupId })
    if (!group) throw noGroup()
    const members = await countMembers(tx, { tenantId, groupId })
    await deleteGroup(tx, { tenantId, groupId, freeAt })
    const concerned = { resellerId: tenant.resellerId, tenantId }
    await recordAct(tx, { actor, action: 'group.remove', concerned, facts: { group: groupId, members } })
    await directoryChanged(tx, tenantId)
    return { members }
  })
}
