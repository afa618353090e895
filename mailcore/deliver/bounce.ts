import { codeOf, Fault } from '#lib/errors'
import type { Log } from '#lib/log'
import type { Delivery, Directory, Failure, Leased, Queue } from '#mailcore/ports'
import { buildBounce, type DsnAction } from '#mailcore/proto/dsn'
import { readHeader } from '#mailcore/proto/header'
import { returnPath } from '#mailcore/proto/received'
import { givenUpAt } from './schedule'

export interface BounceOptions {
  directory: Pick<Directory, 'resolve'>
  delivery: Delivery
  /** For reports to senders without a mailbox here: lists, forwarded mail, groups */
  queue?: Pick<Queue, 'enqueue'>
  /** Our name in bounces */
  hostname: string
  log: Log
}

/** `told` when the sender has the bounce or can have none; `later` when its mailbox takes nothing for now. */
export type Told = 'told' | 'later'

/** What a report says; `at` is its date, from the record, so that a report made again is word for word the same. */
export interface News extends Omit<Failure, 'suppressedSince'> {
  action: DsnAction
  suppressedSince?: string
}

/** All of a message goes back only where its sender asked for it, and up to this size: a bounce must not be a way to fill mailboxes. */
const RETURNED_BYTES = 1024 * 1024

type Wanted = 'success' | 'failure' | 'delay'

/** Does the sender want to hear of this (RFC 3461 4.1)? Without a wish: of failures and delays. */
export function wants(leased: Leased, what: Wanted): boolean {
  if (leased.sender === '') return false
  const notify = leased.wishes.recipients?.[leased.position]?.notify
  return notify === undefined || notify.length === 0 ? what !== 'success' : notify.some((when) => when === what)
}

/**
 * Tells the sender that a recipient cannot be reached. The report is made of the failure alone, so that whoever makes it
 * again after a crash makes the same one: same Message-ID, same date (I-X2). Throws on outages of our own.
 */
export const tellSender = (leased: Leased, failure: Failure, options: BounceOptions): Promise<Told> =>
  wants(leased, 'failure') ? report(leased, { ...failure, action: 'failed' }, options) : Promise.resolve('told')

/** Sends a report to the sender: into the mailbox where there is one, through the queue where the address is ours but no mailbox, or elsewhere. */
export async function report(leased: Leased, news: News, options: BounceOptions): Promise<Told> {
  const [sender] = await options.directory.resolve([leased.sender])
  switch (sender?.kind) {
    case 'mailbox':
      return intoMailbox(leased, news, sender.mailbox, options)
    case 'suspended':
    case 'full':
      return 'later'
    case 'handover':
    case 'group':
    case 'remote':
      return throughQueue(leased, news, options)
    case 'unknown':
    case undefined:
      options.log.warn('deliver.bounce.undeliverable', { queueId: leased.id, kind: sender?.kind })
      return 'told'
  }
}

async function intoMailbox(
  leased: Leased,
  news: News,
  mailbox: Parameters<Delivery['deliver']>[0]['mailboxes'][number],
  options: BounceOptions,
): Promise<Told> {
  const raw = Buffer.concat([Buffer.from(returnPath('')), reportOf(leased, news, options.hostname)])
  try {
    await options.delivery.deliver({
      raw,
      receivedAt: news.at,
      mailboxes: [mailbox],
      envelope: { sender: '', recipientsOf: () => [leased.sender] },
    })
    return 'told'
  } catch (error) {
    if (error instanceof Fault && error.code === 'OVER_QUOTA') return 'later'
    options.log.warn('deliver.bounce.failed', { queueId: leased.id, code: codeOf(error) })
    throw error
  }
}

async function throughQueue(leased: Leased, news: News, options: BounceOptions): Promise<Told> {
  if (!options.queue) {
    options.log.warn('deliver.bounce.undeliverable', { queueId: leased.id, kind: 'no queue' })
    return 'told'
  }
  const { tenantId, accountId, region, sender } = leased
  const raw = reportOf(leased, news, options.hostname)
  const smtpUtf8 = [sender, leased.recipient].some((address) => /[^\x20-\x7e]/.test(address))
  const trace = leased.traceId ? { traceId: leased.traceId } : {}
  await options.queue.enqueue({
    tenantId,
    accountId,
    region,
    sender: '',
    recipients: [sender],
    raw,
    smtpUtf8,
    origin: 'automatic',
    ...trace,
  })
  return 'told'
}

const NAMES: Record<DsnAction, string> = { failed: 'bounce', delayed: 'delay', relayed: 'relay', delivered: 'delivery' }

function reportOf(leased: Leased, news: News, hostname: string): Buffer {
  const { envid, ret, recipients } = leased.wishes
  const orcpt = recipients?.[leased.position]?.orcpt
  // Sent on by its owner's rule: the report names the address that was written to, and neither where it went nor what was said there.
  const written = leased.origin === 'automatic' && orcpt ? orcpt.replace(/^[^;]*;/, '') : null
  const whole = news.action === 'failed' && ret === 'full' && leased.raw.length <= RETURNED_BYTES
  return buildBounce({
    action: news.action,
    reportingMta: hostname,
    originalSender: leased.sender,
    recipient: written ?? leased.recipient,
    code: news.code,
    enhanced: news.enhanced,
    ...(news.remoteText && written === null ? { remoteText: news.remoteText } : {}),
    ...(news.suppressedSince ? { suppressedSince: new Date(news.suppressedSince) } : {}),
    originalHeaders: readHeader(leased.raw).text,
    ...(whole ? { original: leased.raw } : {}),
    ...(envid ? { envid } : {}),
    ...(orcpt ? { orcpt } : {}),
    arrivedAt: leased.queuedAt,
    ...(news.action === 'delayed' ? { retryUntil: givenUpAt(leased) } : {}),
    now: news.at,
    messageId: `${NAMES[news.action]}.${leased.id}.${leased.position}@${hostname}`,
  })
}
