import type { Databases } from '#db/client'
import { findQueueKey } from '#db/control/queries/lookup'
import {
  type ClaimedRow,
  claimDue,
  countWaiting,
  deferRecipient,
  failRecipient,
  finishRecipient,
  insertOutbound,
  renewLease,
} from '#db/mail/queries/queue'
import { MINUTE_MS } from '#lib/clock'
import { open, seal } from '#lib/crypto/aead'
import { BoxOpener, BoxSealer } from '#lib/crypto/box'
import { codeOf, Fault } from '#lib/errors'
import { newId, type QueueId, type RegionId, type TenantId } from '#lib/ids'
import type { Log } from '#lib/log'
import type { KeyService } from '#mailcore/keys/service'
import type { AttemptOutcome, Failure, Leased, Outgoing, Queue } from '#mailcore/ports'
import { squeeze, unsqueeze } from '#mailcore/store/sealing'

/** How long a recipient that does not open waits before it is looked at again: nothing here mends it, an operator may. */
const UNREADABLE_MS = 20 * MINUTE_MS

/**
 * The outbound queue. Content and addresses are sealed to the tenant's queue key when they are queued, by a process that holds no private key;
 * only the deliver role opens them. `keys` is null where messages are only put in.
 *
 * A failure and its bounce cannot share a commit: the queue is changed by the system login, mailboxes by the delivery login, which may not touch the
 * queue. So a failure is first noted on the recipient (sealed) under its lease, the bounce is made from that note alone and stored, and only then the
 * recipient goes. Whoever dies in between leaves a note that the next claim carries on from: a second report at most, word for word the first, never none.
 */
export function createQueue(parts: { db: Databases; keys: KeyService | null; log: Log }): Queue {
  const { db, log } = parts
  const sealer = new BoxSealer()
  const openers = new Map<TenantId, { opener: BoxOpener; until: number }>()

  // The message key of what is leased, for sealing why it failed; it goes with the lease's object.
  const messageKeys = new WeakMap<Leased, Buffer>()

  const openerOf = async (tenant: TenantId): Promise<BoxOpener> => {
    const known = openers.get(tenant)
    if (known && known.until > Date.now()) return known.opener
    if (!parts.keys) throw new Fault('INTERNAL', 'This process cannot open the queue.')
    const opener = new BoxOpener(await parts.keys.queuePair(tenant))
    if (openers.size > 1_000) openers.clear()
    openers.set(tenant, { opener, until: Date.now() + 240_000 })
    return opener
  }

  const toLeased = async (region: RegionId, row: ClaimedRow): Promise<Leased> => {
    const opener = await openerOf(row.tenantId)
    const ids = [row.tenantId, row.id] as const
    const key = opener.unwrap(row.wrappedKey, ['queue-key/v1', ...ids])
    const content = unsqueeze(open(key, row.sealed, ['queue/v1', ...ids]))
    const headBytes = content.readUInt32LE(0)
    const head: { sender: string; smtpUtf8: boolean } = JSON.parse(content.toString('utf8', 4, 4 + headBytes))
    const position = row.position
    const leased: Leased = {
      id: row.id,
      region,
      tenantId: row.tenantId,
      accountId: row.accountId,
      sender: head.sender,
      recipient: open(key, row.recipientSealed, ['queue-recipient/v1', ...ids, position]).toString(),
      raw: content.subarray(4 + headBytes),
      smtpUtf8: head.smtpUtf8,
      queuedAt: row.queuedAt,
      attempts: row.attempts,
      origin: 'account',
      traceId: null,
      wishes: {},
      token: BigInt(row.token),
      position,
      failure: row.failureSealed
        ? unpackFailure(open(key, row.failureSealed, ['queue-failure/v1', ...ids, position]))
        : null,
    }
    messageKeys.set(leased, key)
    return leased
  }

  return {
    enqueue: (message) => enqueue(db, sealer, message),
    claim: async (most, leaseMs) => {
      const leased: Leased[] = []
      for (const region of db.regions) {
        if (leased.length >= most) break
        const rows = await db.mail(region).withQueue((tx) => claimDue(tx, most - leased.length, leaseMs))
        for (const row of rows) {
          // One that does not open must not hold up the others.
          const one = await toLeased(region, row).catch(async (error: unknown) => {
            log.error('queued message does not open', { id: row.id, code: codeOf(error) })
            const retry = { dueAt: new Date(Date.now() + UNREADABLE_MS), code: 451 }
            await db.mail(region).withQueue((tx) => deferRecipient(tx, row, retry))
          })
          if (one) leased.push(one)
        }
      }
      return leased
    },
    renew: (leased, leaseMs) => db.mail(leased.region).withQueue((tx) => renewLease(tx, leaseOf(leased), leaseMs)),
    settle: (leased, outcome) => {
      const key = messageKeys.get(leased)
      if (!key) throw new Fault('INTERNAL', 'This recipient was not claimed here.')
      return settle(db, key, leased, outcome)
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

async function enqueue(db: Databases, sealer: BoxSealer, message: Outgoing): Promise<QueueId> {
  const target = await findQueueKey(db.control.lookup, message.tenantId)
  if (!target) throw new Fault('NOT_FOUND', 'There is no such customer.', { internal: 'queue key gone' })
  const id = newId<QueueId>()
  const ids = [message.tenantId, id] as const
  const { key, wrapped } = sealer.newMessageKey(target.publicKey, target.keyVersion, ['queue-key/v1', ...ids])
  const head = Buffer.from(JSON.stringify({ sender: message.sender, smtpUtf8: message.smtpUtf8 }))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(head.length)
  const sealed = seal(key, squeeze(Buffer.concat([length, head, message.raw])), ['queue/v1', ...ids])
  const recipients = message.recipients.map((recipient, position) =>
    seal(key, Buffer.from(recipient), ['queue-recipient/v1', ...ids, position]),
  )
  await db.mail(message.region).withDelivery((tx) =>
    insertOutbound(tx, {
      tenantId: message.tenantId,
      id,
      accountId: message.accountId,
      wrappedKey: wrapped,
      sealed,
      queuedAt: new Date(),
      recipients,
    }),
  )
  return id
}

const leaseOf = ({ tenantId, id, position, token }: Leased) => ({ tenantId, id, position, token: Number(token) })

function settle(db: Databases, key: Buffer, leased: Leased, outcome: AttemptOutcome): Promise<boolean> {
  const lease = leaseOf(leased)
  return db.mail(leased.region).withQueue((tx) => {
    switch (outcome.kind) {
      case 'delivered':
      case 'told':
        return finishRecipient(tx, lease)
      case 'failed': {
        // A bounce is not bounced (RFC 5321 4.5.5): nobody is left to tell.
        if (leased.sender === '') return finishRecipient(tx, lease)
        const context = ['queue-failure/v1', leased.tenantId, leased.id, leased.position] as const
        const sealed = seal(key, Buffer.from(JSON.stringify(outcome.failure)), context)
        return failRecipient(tx, lease, { sealed, code: outcome.failure.code })
      }
      case 'deferred':
        return deferRecipient(tx, lease, { dueAt: outcome.retryAt, code: outcome.code })
    }
  })
}

function unpackFailure(packed: Buffer): Failure {
  const { at, ...rest }: Omit<Failure, 'at'> & { at: string } = JSON.parse(packed.toString())
  return { ...rest, at: new Date(at) }
}
