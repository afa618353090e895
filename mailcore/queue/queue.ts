import type { Databases } from '#db/client'
import { findQueueKey } from '#db/control/queries/lookup'
import {
  type ClaimedRow,
  claimDue,
  countWaiting,
  deferRecipient,
  finishRecipient,
  insertOutbound,
} from '#db/mail/queries/queue'
import { open, seal } from '#lib/crypto/aead'
import { BoxOpener, BoxSealer } from '#lib/crypto/box'
import { codeOf, Fault } from '#lib/errors'
import { newId, type QueueId, type RegionId, type TenantId } from '#lib/ids'
import type { Log } from '#lib/log'
import type { KeyService } from '#mailcore/keys/service'
import type { AttemptOutcome, Leased, Outgoing, Queue } from '#mailcore/ports'
import { squeeze, unsqueeze } from '#mailcore/store/sealing'

/**
 * The outbound queue. Content and addresses are sealed to the tenant's queue key when they are queued, by a process that holds no private key;
 * only the deliver role opens them. `keys` is null where messages are only put in.
 */
export function createQueue(parts: { db: Databases; keys: KeyService | null; log: Log }): Queue {
  const { db, log } = parts
  const sealer = new BoxSealer()
  const openers = new Map<TenantId, { opener: BoxOpener; until: number }>()

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
    return {
      id: row.id,
      region,
      tenantId: row.tenantId,
      accountId: row.accountId,
      sender: head.sender,
      recipient: open(key, row.recipientSealed, ['queue-recipient/v1', ...ids, row.position]).toString(),
      raw: content.subarray(4 + headBytes),
      smtpUtf8: head.smtpUtf8,
      queuedAt: row.queuedAt,
      attempts: row.attempts,
      token: BigInt(row.token),
      position: row.position,
    }
  }

  return {
    enqueue: (message) => enqueue(db, sealer, message),
    claim: async (most, leaseMs) => {
      const leased: Leased[] = []
      for (const region of db.regions) {
        if (leased.length >= most) break
        const rows = await db.mail(region).withQueue((tx) => claimDue(tx, most - leased.length, leaseMs))
        for (const row of rows) {
          // One that does not open must not hold up the others: its lease runs out and it is tried again.
          const one = await toLeased(region, row).catch((error: unknown) =>
            log.error('queued message does not open', { id: row.id, code: codeOf(error) }),
          )
          if (one) leased.push(one)
        }
      }
      return leased
    },
    settle: (leased, outcome) => settle(db, leased, outcome),
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

function settle(db: Databases, leased: Leased, outcome: AttemptOutcome): Promise<boolean> {
  const lease = { tenantId: leased.tenantId, id: leased.id, position: leased.position, token: Number(leased.token) }
  return db.mail(leased.region).withQueue((tx) => {
    switch (outcome.kind) {
      case 'delivered':
      case 'failed':
        return finishRecipient(tx, lease)
      case 'deferred':
        return deferRecipient(tx, lease, { dueAt: outcome.retryAt, code: outcome.code })
    }
  })
}
