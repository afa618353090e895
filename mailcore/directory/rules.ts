import type { Databases } from '#db/client'
import { findPolicies, type PolicyFound } from '#db/control/queries/mail-policy'
import { findMatchingRules, type MatchedRule } from '#db/control/queries/sender-rule'
import { noteAttempts } from '#db/mail/queries/greylist'
import { type Clock, DAY_MS, MINUTE_MS } from '#lib/clock'
import { keyedHash } from '#lib/crypto/hash'
import type { AccountId, RegionId, TenantId } from '#lib/ids'
import { networkOf } from '#lib/ip'
import { LIMITS } from '#lib/limits'
import { INITIAL_MAIL_POLICY } from '#lib/mail-policy'
import type { RuleHit, SenderRules, SenderTrait } from '#mailcore/ports/protection'
import { patternsOfAddress, patternsOfNetwork } from '#mailcore/proto/sender-pattern'

/** As the directory's own memory: a rule or policy counts two seconds after it was made. */
const REMEMBER_MS = 2_000
const REMEMBER_MOST = 20_000
const HASHED_MOST = 2_000
/** RFC 6647 5: long enough for what sends once and goes, shorter than the first retry of a mail server. */
const WAIT_MS = 5 * MINUTE_MS
const KEEP_MS = LIMITS.greylistDays * DAY_MS
/** Who was let in is not noted again at each message. */
const PASSED_MS = 60 * MINUTE_MS

interface Parts {
  db: Databases
  /** 32 bytes; the key of address hashes */
  lookupKey: Buffer
  clock: Clock
}

/** The keyed hash under which a rule's pattern is found. */
export const patternHash = (lookupKey: Buffer, text: string): Buffer => keyedHash(lookupKey, 'sender', text)

interface Asked {
  tenantId: TenantId
  accountIds: readonly AccountId[]
  hashes: readonly Buffer[]
}

/** Sender rules, policies and greylisting over the databases; see the port. Questions of one turn of the event loop travel together. */
export function createSenderRules(parts: Parts): SenderRules {
  const now = () => parts.clock.now().getTime()
  const { lookup } = parts.db.control
  const policies = remembering<TenantId, PolicyFound>({
    now,
    keyOf: (tenantId) => tenantId,
    forMs: () => REMEMBER_MS,
    load: async (tenants) => {
      const found = await findPolicies(lookup, tenants)
      return tenants.map((tenantId) => found.get(tenantId) ?? { policy: INITIAL_MAIL_POLICY, hasRules: false })
    },
  })
  const matches = remembering<Asked, readonly MatchedRule[]>({
    now,
    keyOf: ({ tenantId, accountIds, hashes }) =>
      [tenantId, ...accountIds, ...hashes.map((hash) => hash.toString('base64'))].join(' '),
    forMs: () => REMEMBER_MS,
    load: (asked) => loadMatches(parts, asked),
  })
  const attempts = remembering<{ tenantId: TenantId; region: RegionId; keyHash: Buffer }, boolean>({
    now,
    keyOf: ({ tenantId, keyHash }) => `${tenantId} ${keyHash.toString('base64')}`,
    forMs: (passed) => (passed ? PASSED_MS : REMEMBER_MS),
    load: (asked) => loadAttempts(parts, asked),
  })
  const hashesOf = hashing(parts.lookupKey)
  return {
    policy: async (tenantId) => (await policies(tenantId)).policy,
    matching: async ({ tenantId, accountIds }, traits) => {
      if (!(await policies(tenantId)).hasRules) return []
      const hashed = traits.flatMap((trait, index) => hashesOf(trait).map((hash) => ({ trait: index, hash })))
      const found = await matches({ tenantId, accountIds, hashes: hashed.map(({ hash }) => hash) })
      return found.flatMap(({ accountId, level, action, patternHash: hit }): RuleHit[] =>
        hashed.filter(({ hash }) => hash.equals(hit)).map(({ trait }) => ({ accountId, level, action, trait })),
      )
    },
    greylisted: async ({ tenantId, region, peer, sender, recipient }) => {
      const text = `${senderNetwork(peer)}|${sender}|${recipient}`
      return !(await attempts({ tenantId, region, keyHash: keyedHash(parts.lookupKey, 'greylist', text) }))
    },
  }
}

const patternsOf = (trait: SenderTrait): string[] =>
  trait.kind === 'network' ? patternsOfNetwork(trait.address) : patternsOfAddress(trait.address)

/** The hashes of a trait's patterns: up to 50, which a peer that sends much would cost anew each time. */
function hashing(lookupKey: Buffer): (trait: SenderTrait) => readonly Buffer[] {
  const known = new Map<string, readonly Buffer[]>()
  return (trait) => {
    const found = known.get(trait.address)
    if (found) return found
    if (known.size >= HASHED_MOST) known.clear()
    const hashes = patternsOf(trait).map((text) => patternHash(lookupKey, text))
    known.set(trait.address, hashes)
    return hashes
  }
}

/** A large sender's servers take turns, mostly within one /24 or /64. */
const senderNetwork = (peer: string): string => {
  const network = networkOf(peer)
  return network.includes(':') ? network : network.split('.').slice(0, 3).join('.')
}

async function loadMatches(parts: Parts, asked: readonly Asked[]): Promise<(readonly MatchedRule[])[]> {
  const rows = await findMatchingRules(parts.db.control.lookup, {
    tenants: [...new Set(asked.map(({ tenantId }) => tenantId))],
    accounts: [...new Set(asked.flatMap(({ accountIds }) => accountIds))],
    hashes: [...new Map(asked.flatMap(({ hashes }) => hashes.map((hash) => [hash.toString('hex'), hash]))).values()],
  })
  return asked.map(({ tenantId, accountIds, hashes }) => {
    const accounts = new Set<AccountId>(accountIds)
    const own = new Set(hashes.map((hash) => hash.toString('hex')))
    return rows.filter(
      (row) =>
        row.tenantId === tenantId &&
        (row.accountId === null || accounts.has(row.accountId)) &&
        own.has(row.patternHash.toString('hex')),
    )
  })
}

async function loadAttempts(
  parts: Parts,
  asked: readonly { tenantId: TenantId; region: RegionId; keyHash: Buffer }[],
): Promise<boolean[]> {
  const passed = new Map<string, boolean>()
  const when = { now: parts.clock.now(), waitMs: WAIT_MS, keepMs: KEEP_MS }
  for (const region of new Set(asked.map((one) => one.region))) {
    const here = asked.filter((one) => one.region === region)
    const answers = await parts.db.mail(region).withDelivery((tx) => noteAttempts(tx, here, when))
    here.forEach((one, index) => {
      passed.set(one.keyHash.toString('hex'), answers[index] ?? false)
    })
  }
  return asked.map(({ keyHash }) => passed.get(keyHash.toString('hex')) ?? false)
}

interface Remembering<Key, Value> {
  now: () => number
  keyOf: (key: Key) => string
  /** How long an answer is used again */
  forMs: (value: Value) => number
  /** Answers in the order of the keys, which differ. */
  load: (keys: readonly Key[]) => Promise<readonly Value[]>
}

/** Gathers the questions of one turn of the event loop into one `load`, and remembers the answers for a while. Failures are not remembered. */
function remembering<Key, Value>(options: Remembering<Key, Value>): (key: Key) => Promise<Value> {
  const known = new Map<string, { value: Promise<Value>; until: number }>()
  let gathered: { key: Key; text: string; resolve: (value: Value) => void; reject: (error: unknown) => void }[] = []
  const flush = async (): Promise<void> => {
    const batch = gathered
    gathered = []
    try {
      const values = await options.load(batch.map(({ key }) => key))
      batch.forEach(({ text, resolve }, index) => {
        const value = values[index] as Value
        const entry = known.get(text)
        if (entry) entry.until = options.now() + options.forMs(value)
        resolve(value)
      })
    } catch (error) {
      for (const { text, reject } of batch) {
        known.delete(text)
        reject(error)
      }
    }
  }
  return (key) => {
    const text = options.keyOf(key)
    const entry = known.get(text)
    if (entry && entry.until > options.now()) return entry.value
    if (known.size >= REMEMBER_MOST) known.clear()
    const value = new Promise<Value>((resolve, reject) => {
      if (gathered.length === 0) setImmediate(() => void flush())
      gathered.push({ key, text, resolve, reject })
    })
    known.set(text, { value, until: Number.POSITIVE_INFINITY })
    return value
  }
}
