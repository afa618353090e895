import { freshBytes } from '#lib/crypto/random'

/** A string that names one kind of thing only, so that a tenant's id can never be passed where an account's is due. */
export type Branded<Name extends string> = string & { readonly __brand: Name }

export type ResellerId = Branded<'ResellerId'>
export type TenantId = Branded<'TenantId'>
export type AccountId = Branded<'AccountId'>
export type DomainId = Branded<'DomainId'>
export type StaffId = Branded<'StaffId'>
export type CredentialId = Branded<'CredentialId'>
export type FolderId = Branded<'FolderId'>
/** Identity of a message's immutable content (RFC 8474 EMAILID); copies of one message share it. */
export type EmailId = Branded<'EmailId'>
export type QueueId = Branded<'QueueId'>
export type IntentId = Branded<'IntentId'>
export type AuditId = Branded<'AuditId'>
/** A group or distribution list. */
export type GroupId = Branded<'GroupId'>
export type RuleId = Branded<'RuleId'>
export type DkimKeyId = Branded<'DkimKeyId'>
/** One message on its way through the house: from its acceptance to its last attempt. */
export type TraceId = Branded<'TraceId'>
export type ReportId = Branded<'ReportId'>
/** A region's short name in lower case, such as `eu` or `ca`; it decides the mail database. */
export type RegionId = Branded<'RegionId'>

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Is this the canonical lower-case text of a UUID? Whatever goes into a SET LOCAL has passed here. */
export const isUuid = (text: string): boolean => UUID.test(text)

/** A new UUID version 7 (RFC 9562 section 5.7): ordered by time, 74 random bits. Made here because PostgreSQL 15 cannot. */
export function newId<Id extends Branded<string>>(nowMs: number = Date.now()): Id {
  const bytes = freshBytes(16)
  bytes.writeUIntBE(nowMs, 0, 6)
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as Id
}
