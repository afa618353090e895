import { z } from 'zod'
import type {
  AccountId,
  AuditId,
  CredentialId,
  DomainId,
  EmailId,
  FolderId,
  GroupId,
  QueueId,
  RegionId,
  ResellerId,
  RuleId,
  StaffId,
  TenantId,
  TraceId,
} from '#lib/ids'
import { type Branded, isUuid } from '#lib/ids'
import { LIMITS } from '#lib/limits'

/** Marks a schema as holding an id of one kind, so that the matrix test can place others' ids into every such field. */
const ID_KINDS = new WeakMap<z.ZodType, string>()

/** The kind of id a schema takes (`AccountId`), or undefined when it takes none. */
export const idKindOf = (schema: z.ZodType): string | undefined => ID_KINDS.get(schema)

function idSchema<Id extends Branded<string>>(kind: string) {
  const schema = z
    .string()
    .max(36)
    .refine(isUuid, 'This is not an id.')
    .transform((text) => text as Id)
  ID_KINDS.set(schema, kind)
  return schema
}

export const accountId = idSchema<AccountId>('AccountId')
export const tenantId = idSchema<TenantId>('TenantId')
export const resellerId = idSchema<ResellerId>('ResellerId')
export const domainId = idSchema<DomainId>('DomainId')
export const staffId = idSchema<StaffId>('StaffId')
export const credentialId = idSchema<CredentialId>('CredentialId')
export const folderId = idSchema<FolderId>('FolderId')
export const emailId = idSchema<EmailId>('EmailId')
export const auditId = idSchema<AuditId>('AuditId')
export const queueId = idSchema<QueueId>('QueueId')
export const groupId = idSchema<GroupId>('GroupId')
export const memberId = idSchema<Branded<'MemberId'>>('MemberId')
export const groupKind = z.enum(['group', 'list'])
/** Who may write to a group or list. */
export const posting = z.enum(['anyone', 'tenant', 'members'])
export const traceId = idSchema<TraceId>('TraceId')
export const ruleId = idSchema<RuleId>('RuleId')

/** For a procedure that takes no input: whatever is sent is refused, as an extra field is elsewhere (W-03). `null` is how JSON says nothing. */
export const nothing = z.union([z.undefined(), z.null()], 'Some of what was sent is not asked for.')

/** A region's short name. */
export const regionId = z
  .string()
  .regex(/^[a-z][a-z0-9]{0,11}$/, 'This is not a region.')
  .transform((text) => text as RegionId)

/** Texts are bounded here so that nothing longer is carried further; what they must be, the services say. */
export const name = z.string().min(1, 'Give a name.').max(LIMITS.nameBytes)
export const address = z.string().min(3, 'Give an e-mail address.').max(LIMITS.addressBytes)
export const password = z.string().min(1, 'Give a password.').max(LIMITS.passwordBytes)
export const reason = z.string().min(1, 'Say why: the owner of the account will read it.').max(LIMITS.reasonBytes)
export const folderPath = z.string().min(1).max(LIMITS.folderPathBytes)
export const recoverDays = z.number().int().min(LIMITS.recoverDays.least).max(LIMITS.recoverDays.most)

/** One page of a list: `after` is the `next` of the page before. */
export const page = { after: z.string().max(200).optional(), limit: z.number().int().min(1).max(200).optional() }

/** Part of a name or address to look for. */
export const search = z.string().max(200).optional()
/** A number of seats or domains; which bounds hold, the services say. */
export const count = z.number().int().min(0).max(10_000_000)
export const domainName = z.string().min(1, 'Give a domain name.').max(253)
export const bytes = z
  .number()
  .int()
  .min(0)
  .max(2 ** 50)
export const accountRole = z.enum(['member', 'admin'])
export const accountState = z.enum(['provisioning', 'active', 'suspended', 'closing', 'closed'])
/** Names a web session in its owner's list: the SHA-256 of its token. */
export const sessionId = z.string().regex(/^[0-9a-f]{64}$/, 'This is not a session.')
/** A message's number in its folder (RFC 9051 section 2.3.1.1). */
export const uid = z.number().int().min(1).max(4_294_967_295)
export const uids = z.array(uid).min(1).max(500)

/** Whom a sender rule means; what it must be, the service says. */
export const senderPattern = z.string().min(1, 'Say which sender.').max(LIMITS.addressBytes)
export const ruleAction = z.enum(['allow', 'block'])
export const spamChoice = z.enum(['junk', 'quarantine'])
export const greylistChoice = z.enum(['off', 'suspicious', 'all'])
export const dmarcChoice = z.enum(['obey', 'note'])
/** A spam scanner's points, in tenths. */
export const scoreTenths = z.number().int().min(0).max(10_000)
