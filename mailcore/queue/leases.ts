import type { Databases } from '#db/client'
import type { ClaimedMessage, ClaimedRow } from '#db/mail/queries/queue'
import { findSuppressed } from '#db/mail/queries/suppression'
import type { BoxOpener } from '#lib/crypto/box'
import { codeOf } from '#lib/errors'
import type { RegionId, TenantId } from '#lib/ids'
import type { Log } from '#lib/log'
import type { Leased } from '#mailcore/ports'
import { keyContext, openContent, openFailure, openRecipient, openRoute } from '#mailcore/queue/content'
import { destinationHash, domainOf, suppressionHash } from '#mailcore/queue/hashes'

interface Parts {
  db: Databases
  lookupKey?: Buffer
  log: Log
  openerOf(tenant: TenantId): Promise<BoxOpener>
}

/** Opens what a claim has brought: a message once, however many of its recipients are in it. */
export interface Leases {
  open(
    region: RegionId,
    claimed: { rows: readonly ClaimedRow[]; messages: readonly ClaimedMessage[] },
  ): Promise<{ opened: Leased[]; unreadable: ClaimedRow[] }>
  /** The message key of what was opened here, for sealing why it failed; it goes with the lease's object. */
  keyOf(leased: Leased): Buffer | undefined
}

export function createLeases(parts: Parts): Leases {
  const keys = new WeakMap<Leased, Buffer>()
  return {
    keyOf: (leased) => keys.get(leased),
    open: async (region, { rows, messages }) => {
      const contents = new Map<string, { row: ClaimedMessage; key: Buffer; content: ReturnType<typeof openContent> }>()
      for (const row of messages) {
        try {
          const key = (await parts.openerOf(row.tenantId)).unwrap(row.wrappedKey, keyContext(row))
          contents.set(row.id, { row, key, content: openContent(key, row, row.sealed) })
        } catch (error) {
          parts.log.warn('queue.open', { id: row.id, code: codeOf(error) })
        }
      }
      const opened: Leased[] = []
      const unreadable: ClaimedRow[] = []
      for (const row of rows) {
        const message = contents.get(row.id)
        try {
          if (!message) throw new Error('message does not open')
          const leased = leasedOf(parts, region, row, message)
          keys.set(leased, message.key)
          opened.push(leased)
        } catch {
          unreadable.push(row)
        }
      }
      await markSuppressed(parts, region, opened)
      return { opened, unreadable }
    },
  }
}

function leasedOf(
  { lookupKey }: Parts,
  region: RegionId,
  row: ClaimedRow,
  message: { row: ClaimedMessage; key: Buffer; content: ReturnType<typeof openContent> },
): Leased {
  const { key, content } = message
  const { position } = row
  const { sender, smtpUtf8, wishes } = content.head
  const recipient = openRecipient(key, row, position, row.recipientSealed)
  const hash = row.destinationHash ?? (lookupKey ? destinationHash(lookupKey, domainOf(recipient)) : null)
  return {
    id: row.id,
    region,
    tenantId: row.tenantId,
    accountId: message.row.accountId,
    sender,
    recipient,
    raw: content.raw,
    smtpUtf8,
    queuedAt: message.row.queuedAt,
    attempts: row.attempts,
    origin: message.row.origin,
    traceId: message.row.traceId,
    wishes,
    token: BigInt(row.token),
    position,
    failure: row.failureSealed ? openFailure(key, row, position, row.failureSealed) : null,
    ...(hash ? { destination: hash.toString('hex') } : {}),
    delayTold: row.delayTold,
    expiresAt: row.expiresAt,
    ...(row.routeSealed ? { route: openRoute(key, row, position, row.routeSealed) } : {}),
  }
}

async function markSuppressed({ db, lookupKey }: Parts, region: RegionId, opened: Leased[]): Promise<void> {
  if (!lookupKey || opened.length === 0) return
  const asked = opened.map((one) => ({
    tenantId: one.tenantId,
    addressHash: suppressionHash(lookupKey, one.tenantId, one.recipient),
  }))
  const found = await db.mail(region).withQueue((tx) => findSuppressed(tx, asked))
  if (found.length === 0) return
  const by = new Map(found.map((row) => [`${row.tenantId} ${row.addressHash.toString('hex')}`, row]))
  for (const [i, one] of opened.entries()) {
    const row = by.get(`${one.tenantId} ${asked[i]?.addressHash.toString('hex')}`)
    if (row) one.suppressed = { cause: row.cause, since: row.since }
  }
}
