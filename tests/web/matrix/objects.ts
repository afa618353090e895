import { newId } from '#lib/ids'
import type { MatrixTenant, MatrixWorld, RoleName } from '#tests/web/matrix/world'
import { PASSWORD } from '#tests/web/matrix/world'

export const CLASSES = ['own', 'same tenant', 'other tenant', 'other reseller', 'nonexistent', 'malformed'] as const
export type ObjectClass = (typeof CLASSES)[number]

/** The tenant a role stands in; staff of no tenant stand in one of their own. */
export const homeOf = (w: MatrixWorld, role: RoleName): MatrixTenant =>
  role === 'domain admin B' || role === 'reseller Q' ? w.b : w.a
/** Another tenant of the same reseller where there is one; or one of another reseller. */
const otherOf = (w: MatrixWorld, role: RoleName, kind: ObjectClass): MatrixTenant =>
  homeOf(w, role) === w.b ? w.a : kind === 'other tenant' ? w.c : w.b

const ownAccount = (w: MatrixWorld, role: RoleName): string => {
  const home = homeOf(w, role)
  if (role === 'subscriber A2') return home.two
  if (role === 'domain admin A' || role === 'domain admin B') return home.admin
  return home.one
}

/** Ids by the field's name. `null` where a class does not exist for a kind of object. */
export function idFor(w: MatrixWorld, role: RoleName, field: string, kind: ObjectClass): unknown {
  if (kind === 'nonexistent') return field === 'sessionId' ? 'ab'.repeat(32) : newId()
  if (kind === 'malformed') return "1' or 1=1"
  const home = homeOf(w, role)
  const foreign = otherOf(w, role, kind)
  switch (field) {
    case 'accountId':
      if (kind === 'own') return ownAccount(w, role)
      if (kind === 'same tenant') return home.two === ownAccount(w, role) ? home.one : home.two
      return foreign.one
    case 'tenantId':
      return kind === 'own' ? home.tenantId : kind === 'same tenant' ? null : foreign.tenantId
    case 'resellerId':
      return kind === 'own' ? home.resellerId : kind === 'other reseller' ? foreign.resellerId : null
    case 'domainId':
      return kind === 'own' ? home.domainId : kind === 'same tenant' ? null : foreign.domainId
    case 'groupId':
      return kind === 'own' ? home.groupId : kind === 'same tenant' ? null : foreign.groupId
    case 'memberId':
      return kind === 'own' ? newId() : null
    case 'credentialId':
      return kind === 'own' ? null : kind === 'same tenant' ? w.credentials.a : w.credentials.b
    case 'tokenId':
      return kind === 'own' ? null : kind === 'same tenant' ? w.tokens.a : w.tokens.b
    case 'sessionId':
      return kind === 'own' ? null : kind === 'same tenant' ? w.sessions.a : w.sessions.b
    default:
      return null
  }
}

/**
 * May this role name an object of this class in this field? Staff see what is below them, owners their own, and nothing else exists for
 * anyone; ids that belong together must belong to the same tenant even for the operator.
 */
export function mayReach(role: RoleName, field: string, kind: ObjectClass, alone: boolean): boolean {
  if (kind === 'own') return true
  if (kind === 'nonexistent' || kind === 'malformed') return false
  if (field === 'credentialId' || field === 'tokenId' || field === 'sessionId') return false
  if (kind === 'same tenant') return true
  return alone && (role === 'operator' || (role === 'reseller P' && kind === 'other tenant'))
}

/** A valid input for each field that is no id: enough for every procedure, harmless where it is carried out. */
export function fill(w: MatrixWorld, role: RoleName, field: string, path: string): unknown {
  const home = homeOf(w, role)
  const values: Record<string, unknown> = {
    name: path.endsWith('domains.add') ? `d${newId().slice(-8)}.example` : 'A new name',
    label: 'phone',
    mode: 'testing',
    protocols: ['imap'],
    hours: 1,
    reason: 'matrix test',
    password: `${PASSWORD} again`,
    current: 'not the present password',
    address: `p${newId().slice(-8)}@${home.domain}`,
    email: `s${newId().slice(-8)}@staff.example`,
    recoverDays: 14,
    role: 'member',
    region: w.region,
    folder: 'INBOX',
    uid: 1,
    uids: [1],
    marks: { seen: true },
    emailIds: [newId()],
    to: path.endsWith('send') ? [`one@${home.domain}`] : 'Archive',
    subject: 'matrix',
    text: 'matrix',
    queueAct: 'retry',
    suppression: 'ab'.repeat(16),
    perHour: 5_000,
    perDay: 50_000,
    poolName: path.endsWith('give') ? null : 'matrix',
    addresses: [path.endsWith('addMembers') ? `one@${home.domain}` : '192.0.2.1'],
    forwardTo: [],
    keep: true,
    messageId: '<matrix@example>',
    kind: 'list',
    description: 'matrix',
    posting: 'anyone',
    blocked: false,
    heloName: 'out.matrix.example',
    pattern: `s${newId().slice(-8)}.example`,
    action: 'block',
    spam: 'junk',
    junkScoreTenths: 60,
    rejectScoreTenths: 150,
    greylist: 'off',
    dmarc: 'obey',
  }
  return values[field]
}
