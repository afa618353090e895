import { sha256 } from '#lib/crypto/hash'
import type { AccountId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import { needsUtf8 } from '#mailcore/pipeline/submit'
import type { AccountRef, Waiting } from '#mailcore/ports'
import { parseAddress } from '#mailcore/proto/address'
import { allValues, type Header } from '#mailcore/proto/header'
import { makeSrs } from '#mailcore/proto/srs'
import { domainOf } from './owner'
import type { FilterParts } from './parts'

/** The field by which we know a message that this account has redirected before. */
const MARK = 'X-Sieve-Redirected-By'

/** Says nothing about the owner: a hash of a random id, the same for each message of theirs. */
const markOf = (accountId: AccountId): string => sha256(`redirect/v1|${accountId}`).toString('base64url').slice(0, 20)

/** Has the message been here before, or too far (RFC 5321 6.3)? Then it is kept, and goes no further. */
export function isLoop(header: Header, accountId: AccountId): boolean {
  const hops = header.fields.filter((field) => field.name === 'received').length
  return hops > LIMITS.receivedHops || allValues(header, MARK.toLowerCase()).includes(markOf(accountId))
}

/** The message as it goes on: as it came, without Return-Path (RFC 5321 4.4: only final delivery sets it), marked against loops. */
export function forwarded(raw: Buffer, header: Header, accountId: AccountId): Buffer {
  let head = `${MARK}: ${markOf(accountId)}\r\n`
  let at = 0
  for (const field of header.fields) {
    if (field.name !== 'return-path') continue
    head += header.text.slice(at, field.start)
    at = field.end
  }
  return Buffer.concat([Buffer.from(head, 'latin1'), raw.subarray(at)])
}

/**
 * Sends a message on, from an address of the owner's domain that leads back to its sender (SRS); that of a bounce stays null. An ARC set is added as it leaves.
 * Through the queue for everyone: it delivers inside where the recipient is ours (P10).
 */
export async function redirect(
  parts: Pick<FilterParts, 'queue' | 'srsKey' | 'clock'>,
  account: AccountRef,
  message: { waiting: Waiting; raw: Buffer; header: Header; owner: string; address: string },
): Promise<void> {
  const recipient = parseAddress(message.address)?.address
  if (!recipient) return
  const { tenantId, accountId, region } = account
  const sender = senderOf(parts, message)
  await parts.queue.enqueue({
    tenantId,
    accountId,
    region,
    sender,
    recipients: [recipient],
    raw: forwarded(message.raw, message.header, accountId),
    smtpUtf8: needsUtf8(message.header.text) || needsUtf8(sender) || needsUtf8(recipient),
    origin: 'automatic',
    // Whoever hears that it failed hears of the address that was written to, and not of where its owner reads.
    wishes: { recipients: [{ orcpt: `rfc822;${message.owner}` }] },
  })
}

/** An address of the owner's domain that leads back to the sender, so that SPF holds and failures come home; where it does not fit, the owner hears of them. */
function senderOf(
  { srsKey, clock }: Pick<FilterParts, 'srsKey' | 'clock'>,
  { waiting, owner }: { waiting: Waiting; owner: string },
): string {
  if (waiting.sender === '') return ''
  return makeSrs(srsKey, waiting.sender, domainOf(owner), clock.now()) ?? owner
}
