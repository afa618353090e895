import type { AccountId, TraceId } from '#lib/ids'
import type { CheckedRecipient, Destination, Finding, Peer, Trace, TraceDetail, TraceStep } from '#mailcore/ports'
import type { Handed } from './hand-over'
import type { Reply } from './reply'

/** What is known of a message that came in, or of one that was refused before a byte of it. */
export interface Came {
  peer: Peer
  sender: string
  traceId: TraceId
  at: Date
  findings: readonly Finding[]
  bytes?: number
  /** With or without brackets */
  messageId?: string
}

/**
 * One line for each mailbox that took the message, and for each address that was handed over: each owner may read the lines of their own. Checks and
 * storing are one commit for whoever sent it, so they are one line here too.
 */
export function noteIncoming(
  trace: Pick<Trace, 'note'>,
  came: Came,
  to: {
    recipients: readonly CheckedRecipient[]
    handed: readonly (readonly [string, Handed])[]
    into: ReadonlyMap<AccountId, Destination>
  },
): void {
  const noted = new Set<AccountId>()
  for (const { address, mailboxes } of to.recipients)
    for (const { tenantId, accountId, region } of mailboxes) {
      if (noted.has(accountId)) continue
      noted.add(accountId)
      const into = to.into.get(accountId)?.folder ?? 'inbox'
      trace.note(lineOf(came, { tenantId, accountId, region }, 'stored', { recipients: [address], into }))
    }
  for (const [address, { to: into, tenantId, region }] of to.handed)
    trace.note(lineOf(came, { tenantId, accountId: null, region }, 'queued', { recipients: [address], into }))
}

/** One line for each mailbox that the message was for; what is for no mailbox is nobody's to read about. */
export function noteRefused(
  trace: Pick<Trace, 'note'>,
  came: Came,
  recipients: readonly CheckedRecipient[],
  reply: Reply,
): void {
  const [enhanced = ''] = reply.message.split(' ')
  for (const { address, mailboxes } of recipients)
    for (const { tenantId, accountId, region } of mailboxes)
      trace.note(
        lineOf(came, { tenantId, accountId, region }, 'refused', {
          recipients: [address],
          code: reply.responseCode,
          enhanced,
          outcome: reply.responseCode < 500 ? 'deferred' : 'refused',
        }),
      )
}

function lineOf(
  came: Came,
  of: Pick<TraceStep, 'tenantId' | 'accountId' | 'region'>,
  step: TraceStep['step'],
  detail: TraceDetail,
): TraceStep {
  const { peer, sender, traceId, at, findings, bytes, messageId } = came
  return {
    ...of,
    traceId,
    direction: 'in',
    step,
    at,
    detail: {
      sender,
      peer: peer.address,
      helo: peer.helo,
      ...(peer.tls ? { tls: 'TLS' } : {}),
      ...(bytes === undefined ? {} : { bytes }),
      ...(messageId ? { messageId: messageId.replace(/^\s*<|>\s*$/g, '') } : {}),
      findings,
      ...detail,
    },
  }
}
