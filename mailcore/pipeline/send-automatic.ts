import type { Clock } from '#lib/clock'
import { type Branded, newId, type TraceId } from '#lib/ids'
import type { AccountRef, Queue } from '#mailcore/ports'
import { readHeader } from '#mailcore/proto/header'
import { receivedAtSubmission } from '#mailcore/proto/received'
import { removeClientTraces } from '#mailcore/proto/strip'
import { needsUtf8 } from './submit'

export interface AutomaticPorts {
  hostname: string
  queue: Pick<Queue, 'enqueue'>
  clock: Clock
}

/**
 * Sends what a program writes in an account's name, an answer or a refusal: from the null sender, so that nothing ever answers it (RFC 3834 section 4,
 * RFC 3464), and otherwise like any mail of the account, without traces. Through the queue for everyone: it delivers inside where the recipient is ours.
 */
export async function sendAutomatic(
  ports: AutomaticPorts,
  account: AccountRef,
  message: { ownDomain: string; recipient: string; raw: Buffer },
): Promise<void> {
  const now = ports.clock.now()
  const { raw } = removeClientTraces(message.raw, {
    ownDomain: message.ownDomain,
    now,
    newToken: () => newId<Branded<'MessageToken'>>(now.getTime()),
  })
  const traceId = newId<TraceId>(now.getTime())
  const received = receivedAtSubmission({ by: ports.hostname, id: traceId, now })
  const { tenantId, accountId, region } = account
  await ports.queue.enqueue({
    tenantId,
    accountId,
    region,
    sender: '',
    recipients: [message.recipient],
    raw: Buffer.concat([Buffer.from(received), raw]),
    traceId,
    smtpUtf8: needsUtf8(readHeader(raw).text) || needsUtf8(message.recipient),
  })
}
