import { type Clock, MINUTE_MS, SECOND_MS } from '#lib/clock'
import { codeOf } from '#lib/errors'
import { pause, type Running } from '#lib/lifecycle'
import type { Log } from '#lib/log'
import type { Delivery, Directory, Failure, Leased, Queue, Resolver } from '#mailcore/ports'
import { attempt, outcomeOf, type Result } from './attempt'
import { tellSender } from './bounce'
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
  /** How long a claimed recipient is ours without a sign of life, and so how long those of a killed worker wait; 1 minute */
  leaseMs?: number
  /** In [0, 1), for the jitter of retries */
  random?: () => number
}

/** What a killed worker held waits this long. An attempt may take far longer (a final answer alone eleven minutes): it renews its lease meanwhile. */
const LEASE_MS = MINUTE_MS
/** A lease is renewed this many times within its span, so that one renewal may fail. */
const RENEWALS = 3
/** How often the queue is asked without being told of work: retries become due silently. */
const POLL_MS = 10 * SECOND_MS
const STOP_MS = 20 * SECOND_MS
/** With pauses from 2 seconds doubling: about four minutes, through which the lease is renewed. */
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

/** Everything one lease is for: an attempt and, when the recipient has failed for good, the bounce. */
async function deliverOne(leased: Leased, options: DeliverOptions, cut: AbortSignal): Promise<void> {
  const finished = new AbortController()
  const lost = new AbortController()
  const holding = hold(leased, options, { finished: finished.signal, lost })
  const signal = AbortSignal.any([cut, lost.signal])
  try {
    const failure = leased.failure ?? (await tryOnce(leased, options, signal))
    if (failure && !signal.aborted) await tell(leased, failure, options, signal)
  } catch (error) {
    options.log.error('deliver.record', { queueId: leased.id, code: codeOf(error) })
  } finally {
    finished.abort()
    await holding
  }
}

/** Keeps the lease for as long as we work under it; a lease that has passed on ends the work, since the recipient is another's then. */
async function hold(
  leased: Leased,
  options: DeliverOptions,
  work: { finished: AbortSignal; lost: AbortController },
): Promise<void> {
  const leaseMs = options.leaseMs ?? LEASE_MS
  for (;;) {
    await pause(leaseMs / RENEWALS, work.finished)
    if (work.finished.aborted) return
    try {
      if (await options.queue.renew(leased, leaseMs)) continue
      // Settled meanwhile, or taken over: only in the second case is there anything left to stop.
      work.lost.abort()
      return
    } catch (error) {
      options.log.warn('deliver.renew', { queueId: leased.id, code: codeOf(error) })
    }
  }
}

/** One attempt and its record. Returns the failure when the recipient has failed for good and there is a sender to tell. */
async function tryOnce(leased: Leased, options: DeliverOptions, signal: AbortSignal): Promise<Failure | null> {
  const result = await attempt(leased, { ...options, signal, now: () => options.clock.now() }).catch(
    (error: unknown): Result => {
      options.log.warn('deliver.attempt', { queueId: leased.id, code: codeOf(error) })
      return { kind: 'deferred', code: 451, enhanced: '4.3.0' }
    },
  )
  // Cut off: nothing is known, so nothing is recorded.
  if (signal.aborted && result.kind !== 'delivered') return null
  const now = options.clock.now()
  const outcome = outcomeOf(result, now, nextTry(leased, leased.queuedAt, options))
  // Tried again through an outage: a delivery that is not recorded is made twice.
  const ours = await persist('deliver.settle', () => options.queue.settle(leased, outcome), leased, options, signal)
  const { code } = outcome.kind === 'failed' ? outcome.failure : result.kind === 'delivered' ? { code: 250 } : result
  options.log.info('deliver.outcome', { queueId: leased.id, kind: outcome.kind, code, ours })
  // Only the holder of the lease may speak of a failure (I-X2). A null sender gets no bounce.
  return ours && outcome.kind === 'failed' && leased.sender !== '' ? outcome.failure : null
}

const nextTry = (leased: Leased, since: Date, { clock, random = Math.random }: DeliverOptions): Date | null =>
  nextAttempt({ queuedAt: since, attempts: leased.attempts, now: clock.now(), random: random() })

/**
 * The bounce of a failure that is on record. The recipient goes from the queue after the bounce is in the sender's mailbox, so a crash between the
 * two repeats this one report and never loses it (I-X1).
 */
async function tell(leased: Leased, failure: Failure, options: DeliverOptions, signal: AbortSignal): Promise<void> {
  const told = await persist('deliver.bounce', () => tellSender(leased, failure, options), leased, options, signal)
  const retryAt = told === 'later' ? nextTry(leased, failure.at, options) : null
  if (told === 'later' && !retryAt) options.log.warn('deliver.bounce.givenUp', { queueId: leased.id })
  const outcome = retryAt
    ? ({ kind: 'deferred', code: failure.code, enhanced: failure.enhanced, retryAt } as const)
    : ({ kind: 'told' } as const)
  await persist('deliver.told', () => options.queue.settle(leased, outcome), leased, options, signal)
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
