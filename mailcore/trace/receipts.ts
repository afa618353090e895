import type { Databases } from '#db/client'
import { findAccountKey } from '#db/control/queries/lookup'
import { insertReceipt, type ReceiptRow, selectReceiptsOf } from '#db/mail/queries/receipt'
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

/** Keeps privacy receipts, each part sealed to its account's own key: whoever sends mail cannot read what was kept (promise P9). */
export function createReceipts(parts: { db: Databases; lookupKey: Buffer; log: Log }): Receipts {
  const sealer = new BoxSealer()
  return {
    async add({ tenantId, accountId, region, traceId, messageId, at }, part) {
      try {
        const owner = await findAccountKey(parts.db.control.lookup, { tenantId, accountId })
        if (!owner) return
        const of = { tenantId, accountId }
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
        await parts.db.mail(region).withDelivery((tx) => insertReceipt(tx, row))
      } catch (error) {
        // A receipt holds up no mail.
        parts.log.warn('receipt.write', { tenantId, accountId, code: codeOf(error) })
      }
    },
  }
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
