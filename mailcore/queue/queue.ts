import type { Databases } from '#db/client'
import { findQueueKey } from '#db/control/queries/lookup'
import { isTaken } from '#db/control/queries/taken'
import {
  claimDue,
  countWaiting,
  insertOutbound,
  type Lease,
  type NewOutbound,
  putOff,
  renewLeases,
  type Settlement,
  settleLeases,
} from '#db/mail/queries/queue'
import { upsertSuppression } from '#db/mail/queries/suppression'
import { DAY_MS, MINUTE_MS } from '#lib/clock'
import { BoxSealer } from '#lib/crypto/box'
import { sha256 } from '#lib/crypto/hash'
import { Fault } from '#lib/errors'
import { newId, type QueueId, type RegionId, type TenantId } from '#lib/ids'
import type { Log } from '#lib/log'
import type { KeyService } from '#mailcore/keys/service'
import type { AttemptOutcome, Leased, Outgoing, Queue } from '#mailcore/ports'
import { keyContext, sealContent, sealFailure, sealRecipient } from '#mailcore/queue/content'
import { gather } from '#mailcore/queue/gather'
import { destinationHash, domainOf, suppressionHash } from '#mailcore/queue/hashes'
import { createLeases } from '#mailcore/queue/leases'
import { queueOpeners } from '#mailcore/queue/openers'
import { sealAddress } from '#mailcore/queue/suppressed'

/** How long a recipient that does not open waits before it is looked at again: nothing here mends it, an operator may. */
const UNREADABLE_MS = 20 * MINUTE_MS
/** Outcomes of one transaction. */
const SETTLED_MOST = 500
/** A tenant's public queue key is asked for anew after this long: it changes only by rotation, and the old one still opens then. */
const KEY_MS = MINUTE_MS
/** Mail that waits for its hour (RFC 4865) has five days from then. */
const GIVE_UP_MS = 5 * DAY_MS

export interface QueueParts {
  db: Databases
  /** null where messages are only put in */
  keys: KeyService | null
  /** Makes the hashes of destinations and suppressed addresses; without it mail is neither grouped, paused nor suppressed by them. */
  lookupKey?: Buffer
  log: Log
}

interface Sealer {
  sealer: BoxSealer
  keyOf(tenant: TenantId): Promise<{ publicKey: Buffer; keyVersion: number }>
}

/**
 * The outbound queue. Content and addresses are sealed to the tenant's queue key when they are queued, by a process that holds no private key;
 * only the deliver role opens them.
 *
 * A failure and its bounce cannot share a commit: the queue is changed by the system login, mailboxes by the delivery login, which may not touch the
 * queue. So a failure is first noted on the recipient (sealed) under its lease, the bounce is made from that note alone and stored, and only then the
 * recipient goes. Whoever dies in between leaves a note that the next claim carries on from: a second report at most, word for word the first, never none.
 */
export function createQueue(parts: QueueParts): Queue {
  const { db, log } = parts
  const sealing: Sealer = { sealer: new BoxSealer(), keyOf: publicKeys(db) }
  const leases = createLeases({ ...parts, openerOf: queueOpeners(parts.keys) })
  const settlers = new Map<RegionId, (item: Settled) => Promise<boolean>>()
  const renewers = new Map<RegionId, (item: { lease: Lease; leaseMs: number }) => Promise<boolean>>()
  const inserters = new Map<RegionId, (item: NewOutbound) => Promise<unknown>>()
  for (const region of db.regions) {
    inserters.set(
      region,
      gather((rows) => insertTogether(db, region, rows), TOGETHER_MOST),
    )
    settlers.set(
      region,
      gather((items) => settleAll(db, region, items), SETTLED_MOST),
    )
    renewers.set(
      region,
      gather((items) => renewAll(db, region, items), SETTLED_MOST),
    )
  }
  const of = <T>(map: Map<RegionId, T>, region: RegionId): T => {
    const found = map.get(region)
    if (found === undefined) throw new Fault('INTERNAL', 'This process does not reach that region.')
    return found
  }

  return {
    enqueue: (message) =>
      enqueue(parts, sealing, message, async (row) => {
        const failure = await of(inserters, message.region)(row)
        if (failure !== null) throw failure
      }),
    claim: async (most, leaseMs, busy = []) => {
      const leased: Leased[] = []
      for (const region of db.regions) {
        if (leased.length >= most) break
        const claim = { most: most - leased.length, leaseMs, busy: busy.map((hex) => Buffer.from(hex, 'hex')) }
        const claimed = await db.mail(region).withQueue((tx) => claimDue(tx, claim))
        const { opened, unreadable } = await leases.open(region, claimed)
        leased.push(...opened)
        // One that does not open must not hold up the others.
        for (const row of unreadable) {
          log.error('queued message does not open', { id: row.id })
          await db.mail(region).withQueue((tx) => putOff(tx, row, new Date(Date.now() + UNREADABLE_MS)))
        }
      }
      return leased
    },
    renew: (leased, leaseMs) => of(renewers, leased.region)({ lease: leaseOf(leased), leaseMs }),
    settle: async (leased, outcome) => {
      const key = leases.keyOf(leased)
      if (!key) throw new Fault('INTERNAL', 'This recipient was not claimed here.')
      const suppression = await suppressionOf(parts, sealing, leased, outcome)
      return of(settlers, leased.region)({ settlement: settlementOf(key, leased, outcome), suppression })
    },
    depth: async () => {
      const counts = await Promise.all(db.regions.map((region) => db.mail(region).withQueue(countWaiting)))
      return counts.reduce((sum, n) => sum + n, 0)
    },
    onWork: async (listener) => {
      const stops = await Promise.all(
        db.regions.map((region) => db.mail(region).listen('outbound', listener, listener)),
      )
      return async () => {
        await Promise.all(stops.map((stop) => stop()))
      }
    },
  }
}

function publicKeys(db: Databases): Sealer['keyOf'] {
  const known = new Map<TenantId, { key: { publicKey: Buffer; keyVersion: number }; until: number }>()
  return async (tenant) => {
    const found = known.get(tenant)
    if (found && found.until > Date.now()) return found.key
    const key = await findQueueKey(db.control.lookup, tenant)
    if (!key) throw new Fault('NOT_FOUND', 'There is no such customer.', { internal: 'queue key gone' })
    if (known.size > 10_000) known.clear()
    known.set(tenant, { key, until: Date.now() + KEY_MS })
    return key
  }
}

async function enqueue(
  { db, lookupKey }: QueueParts,
  { sealer, keyOf }: Sealer,
  message: Outgoing,
  insertWithOthers: (row: NewOutbound) => Promise<void>,
): Promise<QueueId> {
  const { tenantId } = message
  const target = await keyOf(tenantId)
  const id = message.id ?? newId<QueueId>()
  const ref = { tenantId, id }
  const { key, wrapped } = sealer.newMessageKey(target.publicKey, target.keyVersion, keyContext(ref))
  const queuedAt = new Date()
  const notBefore = message.wishes?.notBefore
  const later = notBefore !== undefined && notBefore > queuedAt
  const row: NewOutbound = {
    tenantId,
    id,
    accountId: message.accountId,
    wrappedKey: wrapped,
    sealed: sealContent(key, ref, message),
    queuedAt,
    origin: message.origin ?? 'account',
    traceId: message.traceId ?? null,
    dueAt: later ? notBefore : queuedAt,
    expiresAt: later ? new Date(notBefore.getTime() + GIVE_UP_MS) : null,
    onceKey: message.onceKey && queuedKey(message.onceKey),
    recipients: message.recipients.map((recipient, position) => ({
      sealed: sealRecipient(key, ref, position, recipient),
      destinationHash: lookupKey ? destinationHash(lookupKey, domainOf(recipient)) : null,
    })),
  }
  const small = message.raw.length <= TOGETHER_BYTES && message.recipients.length <= TOGETHER_RECIPIENTS
  try {
    if (small && !message.id) await insertWithOthers(row)
    else await db.mail(message.region).withDelivery((tx) => insertOutbound(tx, [row]))
  } catch (error) {
    // It waits already: whoever queued it did not live to say so.
    if (!message.id || !isTaken(error)) throw error
  }
  return id
}

/** What of this size, to so few, shares a commit with others: so many of them are a statement of moderate size. */
const TOGETHER_BYTES = 256 * 1024
const TOGETHER_RECIPIENTS = 50
const TOGETHER_MOST = 32

/** One transaction for what came while the last one was under way. Where it fails each is tried by itself: one that cannot be stored is nobody else's matter. */
async function insertTogether(db: Databases, region: RegionId, rows: readonly NewOutbound[]): Promise<unknown[]> {
  const insert = (some: readonly NewOutbound[]) => db.mail(region).withDelivery((tx) => insertOutbound(tx, some))
  try {
    await insert(rows)
    return rows.map(() => null)
  } catch (error) {
    if (rows.length === 1) return [error]
    const each = await Promise.allSettled(rows.map((row) => insert([row])))
    // Its id is its own: where it is there already, the first commit went through and only its answer was lost.
    return each.map((one) => (one.status === 'rejected' && !isTaken(one.reason) ? one.reason : null))
  }
}

/** What an account has queued and what its mailbox has taken stand in one table: who writes to themselves and to people elsewhere does both under one key. */
const queuedKey = (onceKey: Buffer): Buffer => sha256(Buffer.concat([Buffer.from('queued|'), onceKey])).subarray(0, 16)

const leaseOf = ({ tenantId, id, position, token }: Leased): Lease => ({ tenantId, id, position, token: Number(token) })

interface Settled {
  settlement: Settlement
  suppression: Parameters<typeof upsertSuppression>[1] | null
}

function settlementOf(key: Buffer, leased: Leased, outcome: AttemptOutcome): Settlement {
  const lease = leaseOf(leased)
  switch (outcome.kind) {
    case 'delivered':
    case 'told':
      return { ...lease, kind: 'finish' }
    case 'failed': {
      // A bounce is not bounced (RFC 5321 4.5.5), and who asked for no word gets none (RFC 3461 4.1): nobody is left to tell.
      if (leased.sender === '') return { ...lease, kind: 'finish' }
      const sealed = sealFailure(key, leased, leased.position, outcome.failure)
      return { ...lease, kind: 'fail', sealed, code: outcome.failure.code }
    }
    case 'deferred':
      return {
        ...lease,
        kind: 'defer',
        dueAt: outcome.retryAt,
        code: outcome.code,
        delayTold: outcome.delayTold ?? false,
      }
  }
}

async function suppressionOf(
  { lookupKey }: QueueParts,
  { sealer, keyOf }: Sealer,
  leased: Leased,
  outcome: AttemptOutcome,
): Promise<Settled['suppression']> {
  if (outcome.kind !== 'failed' || !outcome.suppress || !lookupKey) return null
  const { tenantId, recipient } = leased
  const addressHash = suppressionHash(lookupKey, tenantId, recipient)
  const sealed = sealAddress(sealer, await keyOf(tenantId), { tenantId, hash: addressHash }, recipient)
  return { tenantId, addressHash, sealed, cause: outcome.suppress }
}

function settleAll(db: Databases, region: RegionId, items: readonly Settled[]): Promise<boolean[]> {
  return db.mail(region).withQueue(async (tx) => {
    const ours = await settleLeases(
      tx,
      items.map(({ settlement }) => settlement),
    )
    // Only who holds the lease may speak of the address; in order, so that two workers cannot wait for each other.
    const suppressions = items.flatMap(({ suppression }, i) => (suppression && ours[i] ? [suppression] : []))
    suppressions.sort((a, b) => Buffer.compare(a.addressHash, b.addressHash))
    for (const one of suppressions) await upsertSuppression(tx, one)
    return ours
  })
}

function renewAll(
  db: Databases,
  region: RegionId,
  items: readonly { lease: Lease; leaseMs: number }[],
): Promise<boolean[]> {
  const leaseMs = items[0]?.leaseMs ?? 0
  return db.mail(region).withQueue((tx) =>
    renewLeases(
      tx,
      items.map(({ lease }) => lease),
      leaseMs,
    ),
  )
}
