import type { AccountId, TenantId, TraceId } from '#lib/ids'
import type { MailPolicy } from '#lib/mail-policy'
import type { Destination } from '#mailcore/ports'
import type { CheckedRecipient, Verdict } from '#mailcore/ports/checks'
import type { RuleHit } from '#mailcore/ports/protection'
import type { Authentication } from './authenticate'
import type { SpamOpinion } from './rspamd'

export type Reply = NonNullable<Verdict['reply']>

/** What one tenant has chosen, as far as it concerns a message. */
export interface TenantChoice {
  policy: MailPolicy
  hits: readonly RuleHit[]
}

export interface Facts {
  auth: Authentication
  fromFields: number
  /** null: not asked; 'down': no answer */
  spam: SpamOpinion | 'down' | null
  unscanned: boolean
  traceId: TraceId
  /** Is a trait of the message (its index) its sender's own, and not a claim that failed? */
  trusted: (trait: number) => boolean
  /** Does a rule that lets the sealer of a passed ARC chain in hold for this tenant? */
  sealerTrusted: (tenantId: TenantId) => boolean
}

/** What becomes of a message for one account, or for an address that is none. */
type Outcome =
  | { kind: 'inbox' }
  | { kind: 'elsewhere'; destination: Destination }
  /** Not taken; `otherwise` where somebody else takes the same message, since a message is refused for all or for none. */
  | { kind: 'refuse'; reply: Reply; otherwise: Destination }

export const REPLIES = {
  blocked: { code: 550, enhanced: '5.7.1', text: 'The recipient does not take mail from this sender' },
  // RFC 7489 10.3 wants 5.7.1 for this.
  dmarc: { code: 550, enhanced: '5.7.1', text: 'Refused as the DMARC policy of the domain in From asks' },
  spam: { code: 550, enhanced: '5.7.1', text: 'The message looks like spam' },
  virus: { code: 550, enhanced: '5.7.1', text: 'The message holds malicious software' },
  header: { code: 552, enhanced: '5.3.4', text: 'The header is too long' },
  greylisted: { code: 451, enhanced: '4.7.1', text: 'Please try again in a few minutes' },
  down: { code: 451, enhanced: '4.7.1', text: 'The message cannot be examined at the moment, please try again later' },
} as const satisfies Record<string, Reply>

/** The rule that counts for an account (null: the tenant's addresses that are no account): the nearest level wins, and there a block beats an allow. */
export function ruling(
  hits: readonly RuleHit[],
  accountId: AccountId | null,
  counts: (hit: RuleHit) => boolean = () => true,
): 'allow' | 'block' | null {
  const own = hits.filter((hit) => (hit.accountId === null || hit.accountId === accountId) && counts(hit))
  if (own.length === 0) return null
  const nearest = Math.min(...own.map(({ level }) => level))
  return own.some(({ level, action }) => level === nearest && action === 'block') ? 'block' : 'allow'
}

/** What becomes of the message, by account, and whether it is refused because nobody takes it. */
export function decide(
  recipients: readonly CheckedRecipient[],
  choices: ReadonlyMap<TenantId, TenantChoice>,
  facts: Facts,
): { refusal: Reply | null; into: Map<AccountId, Destination> } {
  const into = new Map<AccountId, Destination>()
  let refusal: Reply | null = null
  let taken = false
  for (const { tenantId, mailboxes } of recipients) {
    const choice = choices.get(tenantId)
    if (!choice) continue
    for (const accountId of mailboxes.length > 0 ? mailboxes.map((one) => one.accountId) : [null]) {
      const outcome = outcomeFor(choice, tenantId, accountId, facts)
      const destination = placeOf(outcome)
      if (outcome.kind === 'refuse') refusal ??= outcome.reply
      // A list or an address for reports has no Junk: what would go there is refused, where nobody else takes the message.
      else if (accountId === null && outcome.kind === 'elsewhere') refusal ??= REPLIES.spam
      else taken = true
      if (accountId !== null && destination) into.set(accountId, destination)
    }
  }
  return { refusal: taken ? null : refusal, into }
}

function placeOf(outcome: Outcome): Destination | null {
  switch (outcome.kind) {
    case 'inbox':
      return null
    case 'elsewhere':
      return outcome.destination
    case 'refuse':
      return outcome.otherwise
  }
}

/** The order is that of certainty: what the owner said, what the author's domain said, what a program thinks. */
function outcomeFor(
  { policy, hits }: TenantChoice,
  tenantId: TenantId,
  accountId: AccountId | null,
  facts: Facts,
): Outcome {
  const spamPlace = (cause: 'spam' | 'dmarc'): Destination =>
    policy.spam === 'quarantine' ? { folder: 'quarantine', cause } : { folder: 'junk' }
  // An allow counts for a sender who has not failed to prove who they are; a block for whoever claims the name.
  const rule = ruling(hits, accountId, (hit) => hit.action === 'block' || facts.trusted(hit.trait))
  if (rule === 'block')
    return { kind: 'refuse', reply: REPLIES.blocked, otherwise: { folder: 'quarantine', cause: 'rule' } }
  const wish = dmarcWish(policy, facts, tenantId)
  if (wish === 'reject')
    return { kind: 'refuse', reply: REPLIES.dmarc, otherwise: { folder: 'quarantine', cause: 'dmarc' } }
  if (facts.unscanned) return { kind: 'elsewhere', destination: { folder: 'quarantine', cause: 'unscanned' } }
  if (wish === 'quarantine') return { kind: 'elsewhere', destination: spamPlace('dmarc') }
  if (rule === 'allow') return { kind: 'inbox' }
  // RFC 5322 3.6: one From. With several, what is shown and what is checked are different things.
  if (facts.fromFields > 1) return { kind: 'elsewhere', destination: spamPlace('spam') }
  if (facts.spam === null || facts.spam === 'down') return { kind: 'inbox' }
  const tenths = facts.spam.score * 10
  if (facts.spam.forced || tenths >= policy.rejectScoreTenths)
    return { kind: 'refuse', reply: REPLIES.spam, otherwise: spamPlace('spam') }
  return tenths >= policy.junkScoreTenths ? { kind: 'elsewhere', destination: spamPlace('spam') } : { kind: 'inbox' }
}

const WEAKER = { reject: 'quarantine', quarantine: 'none', none: 'none' } as const

/** What the author's domain asks to be done, as far as the tenant obeys (RFC 7489 6.3, 6.6.2). */
function dmarcWish(policy: MailPolicy, facts: Facts, tenantId: TenantId): 'none' | 'quarantine' | 'reject' {
  const { dmarc, arc } = facts.auth
  if (policy.dmarc === 'note' || dmarc.result !== 'fail') return 'none'
  // RFC 8617 7.2.1: a sealer whom the tenant trusts may say that the mail was sound when it came to them.
  if (arc.result === 'pass' && facts.sealerTrusted(tenantId)) return 'none'
  // RFC 7489 6.6.4: outside the share, the next weaker policy. The message's random id draws the lot.
  const lot = Number.parseInt(facts.traceId.slice(-8), 16) % 100
  return lot < dmarc.percent ? dmarc.policy : WEAKER[dmarc.policy]
}
