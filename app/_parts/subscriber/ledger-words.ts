import type { AuditView } from '#server/services/audit/view'

/** One line of the access ledger in words. */
export interface LedgerWords {
  who: string
  /** What they are to the reader; nothing for the reader. */
  role: string | null
  own: boolean
  did: string
}

type Deed = (facts: AuditView['facts'], names: string[]) => string

const days = (facts: AuditView['facts']): string => `${facts.recoverDays} ${facts.recoverDays === 1 ? 'day' : 'days'}`
const quoted = (names: string[]): string => (names[0] ? ` “${names[0]}”` : '')

/** What each act is called on the ledger of the account it concerns. */
const DEEDS: Readonly<Record<string, Deed>> = {
  'account.create': () => 'Made the account',
  'account.suspend': () => 'Suspended the account',
  'account.resume': () => 'Resumed the account',
  'account.terminate': () => 'Asked for the account to end',
  'account.cancel-termination': () => 'Called off the end of the account',
  'account.erase': () => 'Erased the account',
  'account.reset-password': () => 'Set a new password',
  'account.change-password': () => 'Changed the password',
  'account.change-profile': () => 'Changed the name on the account',
  'account.set-retention': (facts) => `Set deleted mail to stay recoverable for ${days(facts)}`,
  'account.set-role': (facts) =>
    facts.role === 'admin' ? 'Made the account a domain admin' : 'Made the account an ordinary member',
  'account.export': () => 'Exported the mail of the account',
  'app-password.create': (_, names) => `Made the app password${quoted(names)}`,
  'app-password.revoke': () => 'Removed an app password',
  'access-token.create': (_, names) => `Made the access token${quoted(names)}`,
  'access-token.revoke': () => 'Removed an access token',
  'session.revoke': (facts) => (facts.sessions === 1 ? 'Signed out one browser' : 'Signed out browsers'),
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
  'sender-rule.add': (facts) => (facts.effect === 'block' ? 'Blocked a sender' : 'Let a sender in'),
  'sender-rule.remove': () => 'Removed a sender rule',
}

/** An act this page does not know by name is shown under the name it has in the ledger, rather than left out. */
function deedOf({ action, facts, names }: AuditView): string {
  return DEEDS[action]?.(facts, names) ?? action.replaceAll(/[.-]/g, ' ')
}

/** A line of the ledger as its owner reads it. `ownId` is the reader's account. */
export function ledgerWords(entry: AuditView, ownId: string): LedgerWords {
  const { kind, id, name } = entry.actor
  const did = deedOf(entry)
  if (id !== null && id === ownId) return { who: 'You', role: null, own: true, did }
  switch (kind) {
    case 'operator':
      return { who: name ?? 'MailTight', role: 'Operator', own: false, did }
    case 'reseller':
      return { who: name ?? 'Your reseller', role: 'Reseller', own: false, did }
    case 'domain-admin':
      return { who: name ?? 'An administrator', role: 'Domain admin', own: false, did }
    default:
      return { who: name ?? 'MailTight', role: 'System', own: false, did }
  }
}

/**
 * An act in steps stands on the ledger twice: when it began, and how it ended. Read by its owner it is one line: the end, with the reason
 * that was given at the beginning. A beginning without an end stays. `entries` are newest first.
 */
export function foldIntents(entries: readonly AuditView[]): AuditView[] {
  const ends = new Map<string, number[]>()
  const shown: AuditView[] = []
  for (const entry of entries) {
    const waiting = ends.get(entry.action) ?? []
    const at = entry.outcome === 'intent' ? waiting.pop() : undefined
    const end = at === undefined ? undefined : shown[at]
    if (at !== undefined && end) {
      // The outcome row may have been written by the worker; whoever began the act is who did it.
      shown[at] = { ...entry, outcome: end.outcome, facts: { ...entry.facts, ...end.facts } }
      continue
    }
    if (entry.outcome === 'completed' || entry.outcome === 'failed') {
      ends.set(entry.action, [...waiting, shown.length])
    }
    shown.push(entry)
  }
  return shown
}
