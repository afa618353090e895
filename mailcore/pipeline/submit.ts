import type { Clock } from '#lib/clock'
import { Fault } from '#lib/errors'
import { type Branded, newId, type TraceId } from '#lib/ids'
import type {
  Delivery,
  Incoming,
  Mailbox,
  Queue,
  Receipts,
  SendingCaps,
  SignedIn,
  Trace,
  Wishes,
} from '#mailcore/ports'
import { toCrlf } from '#mailcore/proto/crlf'
import { readHeader } from '#mailcore/proto/header'
import { receivedAtSubmission, returnPath } from '#mailcore/proto/received'
import { removeClientTraces } from '#mailcore/proto/strip'
import { keepReceipt, noteSubmission } from './note-submission'
import { type HalfDone, onceKeyOf, submissionKey } from './once'

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
  caps: SendingCaps
  halfDone: HalfDone
  /** Keys the hashes by which a message that is handed in again is known. */
  lookupKey: Buffer
  clock: Clock
  /** Left out: nothing is recorded. */
  trace?: Pick<Trace, 'note'>
  receipts?: Receipts
}

/** The account may write to so many people elsewhere no more (S-16): for now, or until a person lifts it. */
export class OverCap extends Fault {
  readonly reason: 'rate' | 'frozen'

  constructor(reason: 'rate' | 'frozen') {
    super(
      reason === 'frozen' ? 'FORBIDDEN' : 'LIMIT',
      reason === 'frozen'
        ? 'Sending is stopped for this account. Ask whoever administers your mail to lift it.'
        : 'You have sent to as many people as you may for now. Try again in an hour.',
    )
    this.reason = reason
  }
}

/**
 * Sends a message of an account of ours: traces of the client removed (P9), then into the mailboxes here and the queue.
 * Resolves once both have committed. When one fails, trying again with the same bytes repeats only that one; and a client that did not hear of the
 * success and hands the same message to the same people again within a day sends it no second time (RFC 1047), as long as it has a Message-ID.
 * Mail inside costs nobody a reputation: only recipients elsewhere count against the cap. Throws OverCap.
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
  const names = [...local.map(({ address }) => address), ...remote]
  const key = () => submissionKey(account.accountId, sender, names, submission.raw)
  const about = ['submitted', account.accountId, sender, ...names.toSorted()]
  const once = onceKeyOf(ports.lookupKey, about, readHeader(submission.raw), submission.raw)
  const sent = { traceId, at: now, outgoing, removed }
  let kept: Promise<void> | undefined
  const steps: (() => Promise<unknown>)[] = [
    async () => {
      if (remote.length === 0) return
      const taken = await ports.caps.take(account, remote.length)
      if (!taken.ok) throw new OverCap(taken.reason)
    },
    async () => {
      kept = keepReceipt(ports, submission, sent)
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
        ...once,
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
        ...once,
      })
    },
  ]
  await ports.halfDone.run(key, steps)
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
