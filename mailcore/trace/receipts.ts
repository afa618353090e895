import type { Databases } from '#db/client'
import { findAccountKey } from '#db/control/queries/lookup'
import { insertReceipts, type ReceiptRow, selectReceiptsOf } from '#db/mail/queries/receipt'
import { type Context, open, seal } from '#lib/crypto/aead'
import { BoxSealer } from '#lib/crypto/box'
import { keyedHash } from '#lib/crypto/hash'
import { codeOf } from '#lib/errors'
import { type AccountId, type Branded, newId, type RegionId, type TenantId, type TraceId } from '#lib/ids'
import type { Log } from '#lib/log'
import type { KeyService } from '#mailcore/keys/service'
import type { ReceiptPart, Receipts } from '#mailcore/ports'

/** Parts read of one message: one of its submission and one of each attempt at each host. */
const PARTS_MOST = 500

interface Ref {
  tenantId: TenantId
  accountId: AccountId
}

const keyContext = ({ tenantId, accountId }: Ref, id: string): Context => ['receipt-key/v1', tenantId, accountId, id]
const partContext = ({ tenantId, accountId }: Ref, id: string): Context => ['receipt/v1', tenantId, accountId, id]

const bare = (messageId: string): string => messageId.replace(/^\s*<|>\s*$/g, '')

const hashOf = (lookupKey: Buffer, { tenantId, accountId }: Ref, messageId: string): Buffer =>
  keyedHash(lookupKey, 'receipt', JSON.stringify([tenantId, accountId, bare(messageId)]))

/** How long an account's public key may be used again without asking. */
const REMEMBER_MS = 60_000
const REMEMBERED_MOST = 10_000
/** Parts of one statement. */
const BATCH = 500

/**
 * Keeps privacy receipts, each part sealed to its account's own key: whoever sends mail cannot read what was kept (promise P9). While one statement is
 * under way, what comes gathers for the next.
 */
export function createReceipts(parts: { db: Databases; lookupKey: Buffer; log: Log }): Receipts {
  const sealer = new BoxSealer()
  const keyOf = rememberKeys(parts.db)
  const lanes = new Map<RegionId, ReturnType<typeof createLane>>()
  const laneOf = (region: RegionId) => {
    const lane = lanes.get(region) ?? createLane(parts.db, region)
    lanes.set(region, lane)
    return lane
  }
  return {
    async add({ tenantId, accountId, region, traceId, messageId, at }, part) {
      try {
        const of = { tenantId, accountId }
        const owner = await keyOf(of)
        if (!owner) return
        const id = newId<Branded<'ReceiptPart'>>(at.getTime())
        const { key, wrapped } = sealer.newMessageKey(owner.publicKey, owner.keyVersion, keyContext(of, id))
        const row: ReceiptRow = {
          ...of,
          id,
          traceId,
          messageHash: hashOf(parts.lookupKey, of, messageId),
          at,
          wrappedKey: wrapped,
          sealed: seal(key, Buffer.from(JSON.stringify(part)), partContext(of, id)),
        }
        key.fill(0)
        await laneOf(region)(row)
      } catch (error) {
        // A receipt holds up no mail.
        parts.log.warn('receipt.write', { tenantId, accountId, code: codeOf(error) })
      }
    },
  }
}

type OwnerKey = Awaited<ReturnType<typeof findAccountKey>>

function rememberKeys(db: Databases): (of: Ref) => Promise<OwnerKey> {
  const known = new Map<AccountId, { key: Promise<OwnerKey>; until: number }>()
  return (of) => {
    const one = known.get(of.accountId)
    if (one && one.until > Date.now()) return one.key
    if (known.size >= REMEMBERED_MOST) known.clear()
    const key = findAccountKey(db.control.lookup, of)
    known.set(of.accountId, { key, until: Date.now() + REMEMBER_MS })
    key.catch(() => known.delete(of.accountId))
    return key
  }
}

interface Waiting {
  row: ReceiptRow
  done(): void
  failed(error: unknown): void
}

/** Writes the rows of one region, many at a time; resolves for each once it is committed. */
function createLane(db: Databases, region: RegionId): (row: ReceiptRow) => Promise<void> {
  const waiting: Waiting[] = []
  let writing = false
  const pump = async () => {
    writing = true
    while (waiting.length > 0) {
      const batch = waiting.splice(0, BATCH)
      try {
        await db.mail(region).withDelivery((tx) =>
          insertReceipts(
            tx,
            batch.map(({ row }) => row),
          ),
        )
        for (const one of batch) one.done()
      } catch (error) {
        for (const one of batch) one.failed(error)
      }
    }
    writing = false
  }
  return (row) =>
    new Promise((done, failed) => {
      waiting.push({ row, done, failed })
      if (!writing) void pump()
    })
}

export interface ReceiptPartSeen {
  traceId: TraceId
  at: Date
  part: ReceiptPart
}

export interface ReceiptReader {
  /** The parts kept of a message that the account sent, in their order; [] when there are none. `messageId` with or without brackets. */
  ofMessage(account: Ref & { region: RegionId }, messageId: string): Promise<ReceiptPartSeen[]>
}

export function createReceiptReader(parts: {
  db: Databases
  keys: Pick<KeyService, 'mailboxKeys'>
  lookupKey: Buffer
}): ReceiptReader {
  return {
    async ofMessage({ tenantId, accountId, region }, messageId) {
      const of = { tenantId, accountId }
      const { opener } = await parts.keys.mailboxKeys(tenantId, accountId)
      const messageHash = hashOf(parts.lookupKey, of, messageId)
      const rows = await parts.db
        .mail(region)
        .withTenant(tenantId, (tx) => selectReceiptsOf(tx, { ...of, messageHash, limit: PARTS_MOST }))
      return rows.map((row) => {
        const key = opener.unwrap(row.wrappedKey, keyContext(of, row.id))
        const plain = open(key, row.sealed, partContext(of, row.id))
        return { traceId: row.traceId, at: row.at, part: JSON.parse(plain.toString('utf8')) as ReceiptPart }
      })
    },
  }
}
