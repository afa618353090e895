import type { Clock } from '#lib/clock'
import type { AccountId, TenantId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import type { Log } from '#lib/log'
import type {
  CheckedRecipient,
  Checks,
  Finding,
  Inspected,
  Peer,
  RecipientVerdict,
  Verdict,
} from '#mailcore/ports/checks'
import type { SenderRules, SenderTrait } from '#mailcore/ports/protection'
import { normaliseAddress } from '#mailcore/proto/address'
import { readHeader } from '#mailcore/proto/header'
import { type Authentication, createAuthenticator } from './authenticate'
import { type Author, readAuthor } from './author'
import { decide, REPLIES, type Reply, ruling, type TenantChoice } from './decide'
import type { Ask } from './dns'
import { authenticationResults, withoutForged } from './results'
import type { SpamOpinion } from './rspamd'
import { createScanners, type ScannerSettings, type Scanners } from './scan'

export interface ChecksParts {
  rules: SenderRules
  /** Questions to the DNS: nodeAsk(settings.mail.dns.servers), or a fake */
  ask: Ask
  /** Our name: the authserv-id of RFC 8601 */
  hostname: string
  scanners: ScannerSettings
  clock: Clock
  log: Log
}

/** Addresses in From that rules are looked up for. */
const AUTHORS_MOST = 5

/** The checks of incoming mail; see the port. `close` ends kept connections. */
export function createChecks(parts: ChecksParts): Checks & { close(): void } {
  const now = () => parts.clock.now().getTime()
  const authenticate = createAuthenticator({ ask: parts.ask, hostname: parts.hostname, now })
  const scanners = createScanners(parts.scanners, parts.log, now)
  return {
    recipient: (peer, sender, recipient) => checkRecipient(parts.rules, peer, sender, recipient),
    inspect: (message) => inspect({ ...parts, authenticate, scanners, now }, message),
    close: scanners.close,
  }
}

const idsOf = (recipient: CheckedRecipient): AccountId[] => recipient.mailboxes.map(({ accountId }) => accountId)

/** What is known of a sender before the message: where from, and under which name. */
const envelopeTraits = (peer: Peer, sender: string): SenderTrait[] => {
  const address = normaliseAddress(sender)
  const network: SenderTrait = { kind: 'network', address: peer.address }
  return address === null ? [network] : [network, { kind: 'address', address }]
}

async function checkRecipient(
  rules: SenderRules,
  peer: Peer,
  sender: string,
  recipient: CheckedRecipient,
): Promise<RecipientVerdict> {
  const { tenantId, mailboxes } = recipient
  const accountIds = idsOf(recipient)
  const [policy, hits] = await Promise.all([
    rules.policy(tenantId),
    rules.matching({ tenantId, accountIds }, envelopeTraits(peer, sender)),
  ])
  const rulings = (accountIds.length > 0 ? accountIds : [null]).map((accountId) => ruling(hits, accountId))
  // Of a group, whoever blocks the sender finds the message in quarantine; it is refused when all do.
  if (rulings.every((one) => one === 'block')) return { kind: 'blocked' }
  const region = mailboxes[0]?.region
  if (policy.greylist !== 'all' || region === undefined || rulings.every((one) => one === 'allow'))
    return { kind: 'accept' }
  const attempt = { tenantId, region, peer: peer.address, sender, recipient: recipient.address }
  return (await rules.greylisted(attempt)) ? { kind: 'greylisted' } : { kind: 'accept' }
}

interface Inner extends Omit<ChecksParts, 'scanners'> {
  authenticate: ReturnType<typeof createAuthenticator>
  scanners: Scanners
  now: () => number
}

async function inspect(inner: Inner, message: Inspected): Promise<Verdict> {
  const header = readHeader(message.message)
  if (header.bodyStart > LIMITS.headerBytes) return finish('refuse', REPLIES.header, message.message, [])
  const author = readAuthor(header)
  const { peer, sender } = message
  const traits = messageTraits(message, author)
  const [auth, spam, virus, choices] = await Promise.all([
    inner.authenticate({ peer, sender, message: message.message, header, author }),
    inner.scanners.spam(message),
    inner.scanners.virus(message),
    readChoices(inner.rules, message.recipients, traits),
  ])
  const isSpam = spam !== null && spam !== 'down' && seemsSpam(spam, choices)
  const findings = [...findingsOf(auth), ...scanFindings(spam, isSpam, virus)]
  if (virus !== null && virus !== 'down' && virus.found !== null)
    return finish('refuse', REPLIES.virus, message.message, findings)
  if (
    (virus === 'down' && inner.scanners.virusWhenDown === 'defer') ||
    (spam === 'down' && inner.scanners.spamWhenDown === 'defer')
  )
    return finish('defer', REPLIES.down, message.message, findings)
  const sealers = await trustedSealers(inner.rules, auth, message.recipients)
  const { refusal, into } = decide(message.recipients, choices, {
    auth,
    fromFields: author.fields,
    spam,
    unscanned: virus === 'down',
    traceId: message.traceId,
    trusted: trustOf(traits, sender, auth),
    sealerTrusted: (tenantId) => sealers.has(tenantId),
  })
  for (const action of ruleActions(choices)) findings.push({ check: 'rule', result: action })
  if (refusal) return finish('refuse', refusal, message.message, findings)
  if (await mustComeAgain(inner.rules, message, { auth, spam, choices }))
    return finish('defer', REPLIES.greylisted, message.message, [...findings, { check: 'greylist', result: 'fail' }])
  const isJunk = [...into.values()].some((place) => place.folder === 'junk' || place.cause === 'spam')
  return {
    action: 'accept',
    fields: authenticationResults(inner.hostname, auth) + spamField(spam, isSpam || isJunk),
    message: withoutForged(message.message, header, inner.hostname, auth.arc.result === 'pass'),
    into,
    findings,
  }
}

const finish = (action: 'refuse' | 'defer', reply: Reply, message: Buffer, findings: readonly Finding[]): Verdict => ({
  action,
  reply,
  fields: '',
  message,
  into: new Map(),
  findings,
})

function messageTraits({ peer, sender }: Inspected, author: Author): SenderTrait[] {
  const traits = envelopeTraits(peer, sender)
  const known = new Set(traits.map(({ address }) => address))
  for (const text of author.addresses.slice(0, AUTHORS_MOST)) {
    const address = normaliseAddress(text)
    if (address !== null && !known.has(address)) traits.push({ kind: 'address', address })
  }
  return traits
}

/** A network is what it is; MAIL FROM unless SPF says otherwise; an author unless DMARC says otherwise, or there is no single one. */
function trustOf(traits: readonly SenderTrait[], sender: string, auth: Authentication): (index: number) => boolean {
  const envelope = normaliseAddress(sender)
  const spfFailed = ['fail', 'softfail', 'permerror', 'temperror'].includes(auth.spf.result)
  const authorFailed = ['fail', 'permerror', 'temperror'].includes(auth.dmarc.result)
  return (index) => {
    const trait = traits[index]
    if (!trait || trait.kind === 'network') return trait !== undefined
    return trait.address === envelope ? !spfFailed || auth.dmarc.result === 'pass' : !authorFailed
  }
}

async function readChoices(
  rules: SenderRules,
  recipients: readonly CheckedRecipient[],
  traits: readonly SenderTrait[],
): Promise<Map<TenantId, TenantChoice>> {
  const accounts = new Map<TenantId, Set<AccountId>>()
  for (const recipient of recipients) {
    const ids = accounts.get(recipient.tenantId) ?? new Set()
    for (const id of idsOf(recipient)) ids.add(id)
    accounts.set(recipient.tenantId, ids)
  }
  const choices = [...accounts].map(async ([tenantId, ids]): Promise<[TenantId, TenantChoice]> => {
    const who = { tenantId, accountIds: [...ids] }
    const [policy, hits] = await Promise.all([rules.policy(tenantId), rules.matching(who, traits)])
    return [tenantId, { policy, hits }]
  })
  return new Map(await Promise.all(choices))
}

const ruleActions = (choices: ReadonlyMap<TenantId, TenantChoice>): Set<string> =>
  new Set([...choices.values()].flatMap(({ hits }) => hits.map(({ action }) => action)))

/** Tenants whose rules (theirs or those above) let the sealer of a passed chain in; asked only where DMARC failed. */
async function trustedSealers(
  rules: SenderRules,
  { arc, dmarc }: Authentication,
  recipients: readonly CheckedRecipient[],
): Promise<Set<TenantId>> {
  const address = arc.sealer === '' ? null : normaliseAddress(`postmaster@${arc.sealer}`)
  if (dmarc.result !== 'fail' || arc.result !== 'pass' || address === null) return new Set()
  const tenants = [...new Set(recipients.map(({ tenantId }) => tenantId))]
  const found = await Promise.all(
    tenants.map((tenantId) => rules.matching({ tenantId, accountIds: [] }, [{ kind: 'address', address }])),
  )
  return new Set(tenants.filter((_, index) => ruling(found[index] ?? [], null) === 'allow'))
}

/**
 * Greylisting of what looks suspicious: nothing proves the sender, or the points are more than half of what makes spam. For tenants who want it, and
 * senders whom no rule lets in; one recipient who must wait holds up all, since after the content there is one reply.
 */
async function mustComeAgain(
  rules: SenderRules,
  { peer, sender, recipients }: Inspected,
  known: { auth: Authentication; spam: SpamOpinion | 'down' | null; choices: ReadonlyMap<TenantId, TenantChoice> },
): Promise<boolean> {
  const { auth, spam, choices } = known
  const proven = auth.spf.result === 'pass' || auth.dkim.some(({ result }) => result === 'pass')
  const points = spam === null || spam === 'down' ? 0 : spam.score * 10
  const attempts = recipients.map(async (recipient) => {
    const choice = choices.get(recipient.tenantId)
    const region = recipient.mailboxes[0]?.region
    if (choice?.policy.greylist !== 'suspicious' || region === undefined) return false
    if (proven && points * 2 < choice.policy.junkScoreTenths) return false
    if (idsOf(recipient).every((accountId) => ruling(choice.hits, accountId) === 'allow')) return false
    return rules.greylisted({
      tenantId: recipient.tenantId,
      region,
      peer: peer.address,
      sender,
      recipient: recipient.address,
    })
  })
  return (await Promise.all(attempts)).includes(true)
}

function findingsOf({ spf, dkim, arc, dmarc }: Authentication): Finding[] {
  const about = (domain: string) => (domain === '' ? {} : { about: domain.slice(0, 253) })
  return [
    { check: 'spf', result: spf.result, ...about(spf.domain) },
    ...(dkim.length === 0 ? [{ check: 'dkim', result: 'none' }] : []),
    ...dkim.map((one) => ({ check: 'dkim', result: one.result, ...about(one.domain) })),
    ...(arc.result === 'none' ? [] : [{ check: 'arc', result: arc.result, ...about(arc.sealer) }]),
    { check: 'dmarc', result: dmarc.result, ...about(dmarc.domain) },
  ]
}

/** By the threshold of any of its recipients. */
const seemsSpam = (spam: SpamOpinion, choices: ReadonlyMap<TenantId, TenantChoice>): boolean =>
  spam.forced || [...choices.values()].some(({ policy }) => spam.score * 10 >= policy.junkScoreTenths)

function scanFindings(
  spam: SpamOpinion | 'down' | null,
  isSpam: boolean,
  virus: { found: string | null } | 'down' | null,
): Finding[] {
  const findings: Finding[] = []
  if (spam === 'down') findings.push({ check: 'rspamd', result: 'down' })
  else if (spam) findings.push({ check: 'rspamd', result: isSpam ? 'spam' : 'clean', score: spam.score })
  if (virus === 'down') findings.push({ check: 'clamd', result: 'down' })
  else if (virus?.found) findings.push({ check: 'clamd', result: 'found', about: virus.found })
  else if (virus) findings.push({ check: 'clamd', result: 'clean' })
  return findings
}

/** What mail programs and Sieve scripts look at; nothing where no scanner is set up. */
function spamField(spam: SpamOpinion | 'down' | null, isSpam: boolean): string {
  if (spam === null) return isSpam ? 'X-Spam-Status: Yes\r\n' : ''
  if (spam === 'down') return 'X-Spam-Status: unscanned\r\n'
  return `X-Spam-Status: ${isSpam ? 'Yes' : 'No'}, score=${spam.score.toFixed(1)}\r\n`
}
