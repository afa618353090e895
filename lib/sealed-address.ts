import { open, seal } from '#lib/crypto/aead'
import type { GroupId, TenantId } from '#lib/ids'

/** What control.address_group keeps under the tenant key. */
export interface GroupText {
  address: string
  name: string
  description: string
}

const groupContext = (tenantId: TenantId, groupId: GroupId) => ['group/v1', tenantId, groupId] as const
const memberContext = (tenantId: TenantId, groupId: GroupId, id: string) =>
  ['group-member/v1', tenantId, groupId, id] as const
const aliasContext = (tenantId: TenantId, addressHash: Buffer) =>
  ['alias/v1', tenantId, addressHash.toString('hex')] as const

export const sealGroup = (key: Buffer, tenantId: TenantId, groupId: GroupId, text: GroupText): Buffer =>
  seal(key, Buffer.from(JSON.stringify(text)), groupContext(tenantId, groupId))

export const openGroup = (key: Buffer, tenantId: TenantId, groupId: GroupId, sealed: Buffer): GroupText =>
  JSON.parse(open(key, sealed, groupContext(tenantId, groupId)).toString()) as GroupText

/** A member elsewhere: its address, as control.group_member keeps it. */
export const sealMember = (key: Buffer, at: { tenantId: TenantId; groupId: GroupId; id: string }, address: string) =>
  seal(key, Buffer.from(address), memberContext(at.tenantId, at.groupId, at.id))

export const openMember = (key: Buffer, at: { tenantId: TenantId; groupId: GroupId; id: string }, sealed: Buffer) =>
  open(key, sealed, memberContext(at.tenantId, at.groupId, at.id)).toString()

/** What control.directory keeps of an alias (under the tenant key) or a masked address (under its owner's profile key). */
export interface AliasText {
  address: string
  label: string
}

export const sealAlias = (key: Buffer, tenantId: TenantId, addressHash: Buffer, text: AliasText): Buffer =>
  seal(key, Buffer.from(JSON.stringify(text)), aliasContext(tenantId, addressHash))

export const openAlias = (key: Buffer, tenantId: TenantId, addressHash: Buffer, sealed: Buffer): AliasText =>
  JSON.parse(open(key, sealed, aliasContext(tenantId, addressHash)).toString()) as AliasText
