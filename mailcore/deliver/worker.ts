import { type Clock, MINUTE_MS, SECOND_MS } from '#lib/clock'
import { codeOf } from '#lib/errors'
import { type Branded, newId } from '#lib/ids'
import { pause, type Running } from '#lib/lifecycle'
import type { Log } from '#lib/log'
import type { Delivery, Directory, Leased, Queue, Resolver } from '#mailcore/ports'
import { buildBounce } from '#mailcore/proto/dsn'
import { readHeader } from '#mailcore/proto/header'
import { returnPath } from '#mailcore/proto/received'
import { attempt, outcomeOf, type Result } from './attempt'
import { nextAttempt } from './schedule'
import type { Connect } from './send'

export interface DeliverOptions {
  queue: Queue
  resolver: Pick<Resolver, 'mx' | 'addresses'>
  delivery: Delivery
  directory: Pick<Directory, 'resolve'>
  clock: Clock
  log: Log
  /** Our name in EHLO and in bounces */
  hostname: string
  /** Recipients tried at once */
  concurrency: number
  connect?: Connect
  /** Port of hosts found in the DNS, 25 when left out; tests only */
  port?: number
  /** How long a claimed recipient is ours; must outlast the slowest attempt, or it is tried twice */
  leaseMs?: number
  /** In [0, 1), for the jitter of retries */
  random?: () => number
}

/** Longer than connecting and the eleven minutes a final answer may take. */
const LEASE_MS = 20 * MINUTE_MS
/** How often the queue is asked without being told of work: retries become due silently. */
const POLL_MS = 10 * SECOND_MS
const STOP_MS = 20 * SECOND_MS
/** With pauses from 2 seconds doubling: about four minutes, well within a lease. */
const TRIES_MOST = 8

/** Delivers what is queued, until it is stopped. An outage of queue or store is waited out, never a reason to give up mail. */
export async function startDeliver(options: DeliverOptions): Promise<Running> {
  const stopping = new AbortController()
  const cutting = new AbortController()
  const running = new Set<Promise<void>>()
  let wake = new AbortController()
  const forget = await options.queue.onWork(() => wake.abort())
  const loop = async () => {
    while (!stopping.signal.aborted) {
      wake = new AbortController()
      const free = options.concurrency - running.size
      const leased = free > 0 ? await claim(options, free) : []
      for (const one of leased) {
        const task = deliverOne(one, options, cutting.signal)
        running.add(task)
        void task.finally(() => {
          running.delete(task)
          wake.abort()
        })
      }
      if (leased.length === 0) await pause(POLL_MS, AbortSignal.any([wake.signal, stopping.signal]))
    }
  }
  const looping = loop()
  let stopped: Promise<void> | undefined
  const stop = async () => {
    stopping.abort()
    await forget().catch(() => undefined)
    await looping
    await Promise.race([Promise.allSettled([...running]), pause(STOP_MS, cutting.signal)])
    // What is still talking is cut off; its lease runs out and it is tried again.
    cutting.abort()
    await Promise.allSettled([...running])
  }
  return { stop: () => (stopped ??= stop()) }
}

async function claim(options: DeliverOptions, most: number): Promise<Leased[]> {
  try {
    return await options.queue.claim(most, options.leaseMs ?? LEASE_MS)
  } catch (error) {
    options.log.warn('deliver.claim', { code: codeOf(error) })
    return []
  }
}

async function deliverOne(leased: Leased, options: DeliverOptions, signal: AbortSignal): Promise<void> {
  try {
    const result = await attempt(leased, { ...options, signal, now: () => options.clock.now() }).catch(
      (error: unknown): Result => {
        options.log.warn('deliver.attempt', { queueId: leased.id, code: codeOf(error) })
        return { kind: 'deferred', code: 451, enhanced: '4.3.0' }
      },
    )
    // Cut off by stop: nothing is known, so nothing is recorded.
    if (signal.aborted && result.kind !== 'delivered') return
    await record(leased, result, options, signal)
  } catch (error) {
    options.log.error('deliver.record', { queueId: leased.id, code: codeOf(error) })
  }
}

async function record(leased: Leased, result: Result, options: DeliverOptions, signal: AbortSignal): Promise<void> {
  const now = options.clock.now()
  const random = (options.random ?? Math.random)()
  const outcome = outcomeOf(result, nextAttempt({ queuedAt: leased.queuedAt, attempts: leased.attempts, now, random }))
  // Tried again through an outage: a delivery that is not recorded is made twice.
  const ours = await persist('deliver.settle', () => options.queue.settle(leased, outcome), leased, options, signal)
  const code = outcome.kind === 'delivered' ? 250 : outcome.code
  options.log.info('deliver.outcome', { queueId: leased.id, kind: outcome.kind, code, ours })
  // Settled before the bounce: only the holder of the lease may speak of a failure (I-X2). A null sender gets none.
  if (!ours || outcome.kind !== 'failed' || leased.sender === '') return
  const remoteText = result.kind === 'delivered' ? undefined : result.remoteText
  await persist('deliver.bounce', () => bounce(leased, { ...outcome, remoteText }, options), leased, options, signal)
}

/** Tells the sender, whose mailbox is here, that a recipient cannot be reached. */
async function bounce(
  leased: Leased,
  failure: { code: number; enhanced: string; remoteText?: string },
  options: DeliverOptions,
): Promise<void> {
  const now = options.clock.now()
  const report = buildBounce({
    reportingMta: options.hostname,
    originalSender: leased.sender,
    recipient: leased.recipient,
    ...failure,
    originalHeaders: readHeader(leased.raw).text,
    now,
    messageId: `${newId<Branded<'MessageToken'>>(now.getTime())}@${options.hostname}`,
  })
  const raw = Buffer.concat([Buffer.from(returnPath('')), report])
  const [sender] = await options.directory.resolve([leased.sender])
  if (sender?.kind === 'mailbox') {
    await options.delivery.deliver({ raw, receivedAt: now, mailboxes: [sender.mailbox] })
  } else {
    options.log.warn('deliver.bounce.undeliverable', { queueId: leased.id, kind: sender?.kind })
  }
}

/** Runs a step that must not be lost, again after a pause when it fails, until it succeeds or we are stopped. */
async function persist<Answer>(
  event: string,
  step: () => Promise<Answer>,
  leased: Leased,
  options: DeliverOptions,
  signal: AbortSignal,
): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await step()
    } catch (error) {
      options.log.warn(event, { queueId: leased.id, tries, code: codeOf(error) })
      if (tries >= TRIES_MOST || signal.aborted) throw error
      await pause(SECOND_MS * 2 ** tries, signal)
    }
  }
}
