import type { AuditView } from '#server/services/audit/view'

type Facts = AuditView['facts']

const days = (facts: Facts): string => `${facts.recoverDays} ${facts.recoverDays === 1 ? 'day' : 'days'}`

/** What each act is called where those who manage read it. */
const DEEDS: Readonly<Record<string, (facts: Facts) => string>> = {
  'account.create': () => 'Added the account',
  'account.suspend': () => 'Suspended the account',
  'account.resume': () => 'Resumed the account',
  'account.terminate': () => 'Asked for the account to end',
  'account.cancel-termination': () => 'Called off the end of the account',
  'account.erase': () => 'Erased the account',
  'account.reset-password': () => 'Set a new password',
  'account.change-password': () => 'Changed their own password',
  'account.change-profile': () => 'Changed the name',
  'account.set-retention': (facts) => `Chose ${days(facts)} for deleted mail`,
  'account.set-role': (facts) => (facts.role === 'admin' ? 'Made a domain admin' : 'Made an ordinary member'),
  'account.export': () => 'Exported the mail',
  'app-password.create': () => 'Made an app password',
  'app-password.revoke': () => 'Removed an app password',
  'access-token.create': () => 'Made an access token',
  'access-token.revoke': () => 'Removed an access token',
  'session.revoke': () => 'Signed out browsers',
  'mail.recover': () => 'Brought deleted mail back',
  'receipt.read': () => 'Read the receipt of a sent message',
  'alias.add': () => 'Gave the account one more address',
  'alias.remove': () => 'Took an address from the account',
  'masked.add': () => 'Made a masked address',
  'masked.on': () => 'Switched a masked address on',
  'masked.off': () => 'Switched a masked address off',
  'masked.remove': () => 'Removed a masked address',
  'forward.set': (facts) =>
    `Set mail to go on to ${facts.addresses === 1 ? 'one address' : `${facts.addresses} addresses`}${facts.keep === true ? '' : ', without a copy here'}`,
  'forward.end': () => 'Ended the forwarding',
  'catch-all.set': () => 'Chose who gets mail for addresses that nobody has',
  'group.add': (facts) => (facts.kind === 'list' ? 'Made a distribution list' : 'Made a group'),
  'group.change': () => 'Changed a group or list',
  'group.remove': () => 'Removed a group or list',
  'group.members': (facts) =>
    facts.removed === undefined ? `Added ${facts.added} to a group or list` : 'Took one out of a group or list',
  'sender-rule.add': (facts) => (facts.effect === 'block' ? 'Blocked a sender' : 'Let a sender in'),
  'sender-rule.remove': () => 'Removed a sender rule',
  'mail-policy.set': () => 'Changed the protection of incoming mail',
  'queue.change': (facts) => `Changed waiting mail: ${facts.act}`,
  'sending.freeze': (facts) =>
    facts.cause === 'rate' ? 'Stopped sending: too much at once' : 'Stopped sending: too many unknown addresses',
  'sending.lift': () => 'Let the account send again',
  'sending.cap': (facts) => `Set ${facts.perHour} recipients an hour`,
  'pool.set': (facts) => `Set the pool ${facts.pool}`,
  'pool.give': (facts) => `Gave the pool ${facts.pool ?? 'default'}`,
  'domain.add': () => 'Added a domain',
  'domain.verify': (facts) => (facts.declared === true ? 'Declared a domain verified' : 'Verified a domain'),
  'domain.remove': () => 'Removed a domain',
  'domain.dkim-made': () => 'Made a signing key',
  'domain.dkim-active': () => 'Began to sign with a new key',
  'domain.dkim-retired': () => 'Destroyed an old signing key',
  'domain.mta-sts': (facts) => `Set the policy for encrypted delivery to ${facts.mode}`,
  'domain.dns-broken': (facts) => `Found a DNS record amiss: ${facts.record}`,
  'tenant.create': () => 'Added the customer',
  'tenant.update': (facts) => (facts.seats === undefined ? 'Changed the customer' : `Set ${facts.seats} seats`),
  'tenant.suspend': () => 'Suspended the organisation',
  'tenant.resume': () => 'Resumed the organisation',
  'tenant.retention': (facts) => `Set ${days(facts)} as the ceiling for deleted mail`,
  'reseller.create': () => 'Added the reseller',
  'reseller.suspend': () => 'Suspended the reseller',
  'reseller.resume': () => 'Resumed the reseller',
  'staff.create': () => 'Made a staff login',
  'staff.change-password': () => 'Changed their own staff password',
}

/** An act in words. One this page does not know stands under its name in the ledger, rather than being left out. */
export const deedOf = ({ action, facts }: Pick<AuditView, 'action' | 'facts'>): string =>
  DEEDS[action]?.(facts) ?? action.replaceAll(/[.-]/g, ' ')

const KINDS: Readonly<Record<AuditView['actor']['kind'], string>> = {
  operator: 'Operator',
  reseller: 'Reseller',
  'domain-admin': 'Domain admin',
  subscriber: 'The owner',
  system: 'MailTight',
}

/** Who acted: their name where the ledger keeps one, and what they are. */
export function actorOf({ actor }: Pick<AuditView, 'actor'>): { name: string; kind: string | null } {
  const kind = KINDS[actor.kind]
  return actor.name === null ? { name: kind, kind: null } : { name: actor.name, kind }
}

/** Groups of acts to filter by, with the beginning of their names. */
export const AUDIT_GROUPS = [
  { key: 'people', label: 'People', prefixes: ['account.', 'app-password.', 'access-token.', 'session.', 'mail.'] },
  { key: 'domains', label: 'Domains', prefixes: ['domain.'] },
  { key: 'organisation', label: 'Organisations', prefixes: ['tenant.', 'mail-policy.', 'sender-rule.'] },
  { key: 'house', label: 'Resellers and staff', prefixes: ['reseller.', 'staff.'] },
] as const

export type AuditGroup = (typeof AUDIT_GROUPS)[number]['key']

/** Is an act of this group? Every act is when there is no group. */
export const inGroup = (action: string, group: AuditGroup | undefined): boolean =>
  group === undefined ||
  (AUDIT_GROUPS.find((one) => one.key === group)?.prefixes.some((prefix) => action.startsWith(prefix)) ?? false)
