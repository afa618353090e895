import type { TraceId } from '#lib/ids'
import type { Mailbox, Receipts, SignedIn, Trace } from '#mailcore/ports'
import { firstValue, readHeader } from '#mailcore/proto/header'

export interface Recorders {
  trace?: Pick<Trace, 'note'>
  receipts?: Receipts
}

/** A submission as far as it is noted; see submit. */
interface Submission {
  account: Pick<SignedIn, 'tenantId' | 'accountId' | 'region'>
  sender: string
  local: readonly { address: string; mailbox: Mailbox }[]
  remote: readonly string[]
}

/** What was sent and how it left: known once its traces are removed. */
export interface Sent {
  traceId: TraceId
  at: Date
  /** As it leaves, our Received in front */
  outgoing: Buffer
  /** Names of the fields that were dropped or rewritten */
  removed: readonly string[]
}

/**
 * Notes a submission that has been taken: one line for its sender of what went where, one for each mailbox here. Nothing says from where it was handed in
 * (promise P9).
 */
export function noteSubmission({ trace }: Recorders, submission: Submission, { traceId, at, outgoing }: Sent): void {
  if (!trace) return
  const { account, sender, local, remote } = submission
  const messageId = messageIdOf(outgoing)
  const common = { sender, bytes: outgoing.length, messageId }
  const { tenantId, accountId, region } = account
  const own = { tenantId, region, accountId, traceId, at, direction: 'out' as const }
  const here = [...new Set(local.map(({ address }) => address))]
  if (here.length > 0) trace.note({ ...own, step: 'stored', detail: { ...common, recipients: here, into: 'inbox' } })
  if (remote.length > 0)
    trace.note({ ...own, step: 'queued', detail: { ...common, recipients: remote, into: 'queue' } })
  for (const { address, mailbox } of local)
    trace.note({
      tenantId: mailbox.tenantId,
      region: mailbox.region,
      accountId: mailbox.accountId,
      traceId,
      at,
      direction: 'in',
      step: 'stored',
      detail: { ...common, recipients: [address], into: 'inbox' },
    })
}

/** Keeps the receipt of a submission: the header exactly as it left, what was taken out, and who was reached without leaving the network (P10). */
export async function keepReceipt({ receipts }: Recorders, submission: Submission, sent: Sent): Promise<void> {
  if (!receipts) return
  const { tenantId, accountId, region } = submission.account
  const { traceId, at, outgoing, removed } = sent
  await receipts.add(
    { tenantId, accountId, region, traceId, messageId: messageIdOf(outgoing), at },
    {
      kind: 'submitted',
      header: readHeader(outgoing).text,
      removed,
      local: [...new Set(submission.local.map(({ address }) => address))],
      remote: submission.remote,
    },
  )
}

const messageIdOf = (raw: Buffer): string =>
  (firstValue(readHeader(raw), 'message-id') ?? '').replace(/^\s*<|>\s*$/g, '')
