import type { AccountId, TraceId } from '#lib/ids'
import { needsUtf8 } from '#mailcore/pipeline/submit'
import type { Queue, Resolution } from '#mailcore/ports'

export type Handed = Extract<Resolution, { kind: 'handover' }>

/** Into the queue for the very address, in its tenant's name: it is nobody's mailbox, so the list's or the tenant's id stands for the account. */
export async function handOver(
  queue: Pick<Queue, 'enqueue'>,
  to: Handed,
  message: { address: string; sender: string; raw: Buffer; traceId: TraceId },
): Promise<void> {
  const { address, sender, raw, traceId } = message
  await queue.enqueue({
    tenantId: to.tenantId,
    accountId: (to.listId ?? to.tenantId) as string as AccountId,
    region: to.region,
    sender,
    recipients: [address],
    raw,
    smtpUtf8: needsUtf8(sender),
    origin: 'automatic',
    traceId,
  })
}
