import type { Clock } from '#lib/clock'
import { type Branded, newId, type TraceId } from '#lib/ids'
import type { Delivery, Incoming, Mailbox, Queue, Receipts, SignedIn, Trace, Wishes } from '#mailcore/ports'
import { toCrlf } from '#mailcore/proto/crlf'
import { readHeader } from '#mailcore/proto/header'
import { receivedAtSubmission, returnPath } from '#mailcore/proto/received'
import { removeClientTraces } from '#mailcore/proto/strip'
import { keepReceipt, noteSubmission } from './note-submission'
import { type HalfDone, submissionKey } from './once'

export interface Submission {
  account: Pick<SignedIn, 'tenantId' | 'accountId' | 'region'>
  /** Normalised, and the account's own */
  sender: string
  local: readonly LocalRecipient[]
  /** Normalised addresses of other hosts */
  remote: readonly string[]
  /** As handed in, CRLF */
  raw: Buffer
  /** What the sender asked of delivery; `recipients` in the order of `remote` */
  wishes?: Wishes
  /** The client's name in EHLO: looked for in Message-ID, never kept */
  clientName: string
}

/** A mailbox here and the normalised address that led to it; one mailbox may stand under several. */
export interface LocalRecipient {
  address: string
  mailbox: Mailbox
}

export interface SubmitPorts {
  hostname: string
  delivery: Delivery
  queue: Pick<Queue, 'enqueue'>
  halfDone: HalfDone
  clock: Clock
  /** Left out: nothing is recorded. */
  trace?: Pick<Trace, 'note'>
  receipts?: Receipts
}

/**
 * Sends a message of an account of ours: traces of the client removed (P9), then into the mailboxes here and the queue.
 * Resolves once both have committed. When one fails, trying again with the same bytes repeats only that one.
 */
export async function submit(ports: SubmitPorts, submission: Submission): Promise<void> {
  const { account, sender, local, remote, wishes = {} } = submission
  const now = ports.clock.now()
  const { raw, removed } = removeClientTraces(submission.raw, {
    ownDomain: sender.slice(sender.lastIndexOf('@') + 1),
    now,
    newToken: () => newId<Branded<'MessageToken'>>(now.getTime()),
    clientName: submission.clientName,
  })
  const traceId = newId<TraceId>(now.getTime())
  const received = receivedAtSubmission({ by: ports.hostname, id: traceId, now })
  const outgoing = Buffer.concat([Buffer.from(received), raw])
  const steps: (() => Promise<unknown>)[] = [
    async () => {
      if (remote.length === 0) return
      const { tenantId, accountId, region } = account
      const smtpUtf8 = needsUtf8(readHeader(raw).text) || [sender, ...remote].some(needsUtf8)
      const queued = {
        tenantId,
        accountId,
        region,
        sender,
        recipients: remote,
        raw: outgoing,
        smtpUtf8,
        traceId,
        wishes,
      }
      await ports.queue.enqueue(queued)
    },
    async () => {
      if (local.length === 0) return
      const incoming = Buffer.concat([Buffer.from(returnPath(sender)), outgoing])
      await ports.delivery.deliver({
        raw: incoming,
        receivedAt: now,
        mailboxes: [...new Map(local.map(({ mailbox }) => [mailbox.accountId, mailbox])).values()],
        envelope: envelopeOf(sender, local),
      })
    },
  ]
  const names = [...local.map(({ address }) => address), ...remote]
  const sent = { traceId, at: now, outgoing, removed }
  const kept = keepReceipt(ports, submission, sent)
  await ports.halfDone.run(() => submissionKey(account.accountId, sender, names, submission.raw), steps)
  noteSubmission(ports, submission, sent)
  await kept
}

/** The envelope as each mailbox may know it: nobody learns who else was in it, so blind copies stay blind. */
export const envelopeOf = (
  sender: string,
  recipients: readonly LocalRecipient[],
): NonNullable<Incoming['envelope']> => ({
  sender,
  recipientsOf: (account) =>
    recipients.flatMap(({ address, mailbox }) => (mailbox.accountId === account ? [address] : [])),
})

/** RFC 6531 3.2: a header or envelope beyond ASCII needs SMTPUTF8 all the way. */
export function needsUtf8(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return true
  return false
}

/** The bytes as a submission keeps them: an authenticated client's bare line breaks are mended, not refused (S-01). */
export const canonical = (chunks: Buffer[]): Buffer => toCrlf(Buffer.concat(chunks))
