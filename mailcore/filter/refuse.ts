import { sha256 } from '#lib/crypto/hash'
import { sendAutomatic } from '#mailcore/pipeline/send-automatic'
import type { AccountRef, Waiting } from '#mailcore/ports'
import { parseAddress } from '#mailcore/proto/address'
import { buildBounce } from '#mailcore/proto/dsn'
import type { Header } from '#mailcore/proto/header'
import { domainOf } from './owner'
import type { FilterParts } from './parts'

/**
 * Tells the sender that the owner's script refuses the message (RFC 5429 section 2). It was accepted at the door, so a report is all that is left. Its
 * Message-ID follows from the message: one made again after a crash is known for the same.
 */
export async function refuse(
  parts: FilterParts,
  account: AccountRef,
  message: { waiting: Waiting; header: Header; owner: string; reason: string },
): Promise<void> {
  const recipient = parseAddress(message.waiting.sender)?.address
  if (!recipient) return
  const { folderId, uid } = message.waiting
  const token = sha256(`refusal/v1|${account.accountId}|${folderId}|${uid}`).toString('base64url').slice(0, 24)
  const raw = buildBounce({
    reportingMta: parts.hostname,
    originalSender: recipient,
    recipient: message.owner,
    code: 550,
    enhanced: '5.7.1',
    refusal: message.reason,
    originalHeaders: message.header.text,
    now: parts.clock.now(),
    messageId: `refusal.${token}@${parts.hostname}`,
  })
  await sendAutomatic(parts, account, { ownDomain: domainOf(message.owner), recipient, raw })
}
