import { codeOf, Fault } from '#lib/errors'
import type { Log } from '#lib/log'
import type { Delivery, Directory, Failure, Leased } from '#mailcore/ports'
import { buildBounce } from '#mailcore/proto/dsn'
import { readHeader } from '#mailcore/proto/header'
import { returnPath } from '#mailcore/proto/received'

interface BounceOptions {
  directory: Pick<Directory, 'resolve'>
  delivery: Delivery
  /** Our name in bounces */
  hostname: string
  log: Log
}

/** `told` when the sender has the bounce or can have none; `later` when its mailbox takes nothing for now. */
export type Told = 'told' | 'later'

/**
 * Tells the sender, whose mailbox is here, that a recipient cannot be reached. The report is made of the failure alone, so that whoever makes it
 * again after a crash makes the same one: same Message-ID, same date (I-X2). Throws on outages of our own.
 */
export async function tellSender(leased: Leased, failure: Failure, options: BounceOptions): Promise<Told> {
  const [sender] = await options.directory.resolve([leased.sender])
  switch (sender?.kind) {
    case 'mailbox':
      break
    case 'suspended':
    case 'full':
      return 'later'
    case 'unknown':
    case 'group':
    case 'handover':
    case 'remote':
    case undefined:
      options.log.warn('deliver.bounce.undeliverable', { queueId: leased.id, kind: sender?.kind })
      return 'told'
  }
  const report = buildBounce({
    reportingMta: options.hostname,
    originalSender: leased.sender,
    recipient: leased.recipient,
    code: failure.code,
    enhanced: failure.enhanced,
    remoteText: failure.remoteText,
    originalHeaders: readHeader(leased.raw).text,
    now: failure.at,
    messageId: `bounce.${leased.id}.${leased.position}@${options.hostname}`,
  })
  const raw = Buffer.concat([Buffer.from(returnPath('')), report])
  try {
    await options.delivery.deliver({
      raw,
      receivedAt: failure.at,
      mailboxes: [sender.mailbox],
      envelope: { sender: '', recipientsOf: () => [leased.sender] },
    })
    return 'told'
  } catch (error) {
    if (error instanceof Fault && error.code === 'OVER_QUOTA') return 'later'
    options.log.warn('deliver.bounce.failed', { queueId: leased.id, code: codeOf(error) })
    throw error
  }
}
