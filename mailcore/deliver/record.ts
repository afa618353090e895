import { type Clock, SECOND_MS } from '#lib/clock'
import { codeOf } from '#lib/errors'
import { failpoint } from '#lib/failpoint'
import { pause } from '#lib/lifecycle'
import type { Log } from '#lib/log'
import type { AttemptOutcome, BounceCount, Failure, Leased, Queue, Trace, TraceDetail } from '#mailcore/ports'
import type { AttemptResults } from './attempt'
import { type BounceOptions, report, tellSender, wants } from './bounce'
import { classify } from './classify'
import { isLate, nextAttempt } from './schedule'
import { noteStep } from './told'

export interface RecordOptions extends BounceOptions {
  queue: Queue
  bounces?: BounceCount
  trace?: Trace
  clock: Clock
  /** In [0, 1), for the jitter of retries */
  random?: () => number
  log: Log
}

type Result = AttemptResults extends Map<Leased, infer One> ? One : never

/** With pauses from 2 seconds doubling: about four minutes, through which the lease is renewed. */
const TRIES_MOST = 8
/** A stranger's novel is cut before it is kept; a report shows no more of it. */
const REMOTE_TEXT_CHARACTERS = 1_000

/** Writes down how an attempt at one recipient ended, and tells its sender what there is to tell. */
export async function recordResult(
  leased: Leased,
  result: Result,
  options: RecordOptions,
  signal: AbortSignal,
): Promise<void> {
  // Cut off: nothing is known, so nothing is recorded.
  if (signal.aborted && result.kind !== 'delivered') return
  if (result.kind === 'delivered' && !result.inside) failpoint('after-remote')
  const now = options.clock.now()
  const delayTold = await tellProgress(leased, result, options, signal)
  const outcome = outcomeOf(leased, result, now, nextTry(leased, leased, options))
  // Tried again through an outage: a delivery that is not recorded is made twice.
  const settled = delayTold && outcome.kind === 'deferred' ? { ...outcome, delayTold } : outcome
  const ours = await persist('deliver.settle', () => options.queue.settle(leased, settled), leased, options, signal)
  const { code } = outcome.kind === 'failed' ? outcome.failure : result.kind === 'delivered' ? { code: 250 } : result
  options.log.info('deliver.outcome', { queueId: leased.id, kind: outcome.kind, code, ours })
  if (!ours) return
  // What another server has taken is told by the attempt itself.
  if (outcome.kind !== 'delivered' || result.inside) noteSettled(leased, outcome, options)
  if (outcome.kind !== 'failed') return
  await countBounce(leased, outcome.failure, options)
  // Only the holder of the lease may speak of a failure (I-X2). A null sender gets no bounce.
  if (leased.sender !== '') await tell(leased, outcome.failure, options, signal)
}

/** RFC 3461 5.2: word of success where it was asked for and no later server gives it; word of a delay once. Says whether the delay was told. */
async function tellProgress(
  leased: Leased,
  result: Result,
  options: RecordOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const now = options.clock.now()
  if (result.kind === 'delivered') {
    if (!wants(leased, 'success') || result.reports) return false
    const action = result.inside ? 'delivered' : 'relayed'
    const news = { action, code: 250, enhanced: '2.0.0', at: now } as const
    await persist('deliver.relayed', () => report(leased, news, options), leased, options, signal)
    noteStep([leased], 'told', { outcome: action }, { trace: options.trace, now: () => now })
    return false
  }
  if (result.kind !== 'deferred' || leased.delayTold || !wants(leased, 'delay') || !isLate(leased, now)) return false
  if (!nextTry(leased, leased, options)) return false
  const { code, enhanced, remoteText } = result
  const news = { action: 'delayed', code, enhanced, ...(remoteText ? { remoteText } : {}), at: now } as const
  const told = await persist('deliver.delay', () => report(leased, news, options), leased, options, signal)
  if (told === 'told') noteStep([leased], 'told', { outcome: 'delayed' }, { trace: options.trace, now: () => now })
  return told === 'told'
}

const nextTry = (
  leased: Leased,
  since: { queuedAt: Date; expiresAt?: Date | null },
  { clock, random = Math.random }: RecordOptions,
): Date | null =>
  nextAttempt({
    queuedAt: since.queuedAt,
    expiresAt: since.expiresAt ?? null,
    attempts: leased.attempts,
    now: clock.now(),
    random: random(),
  })

/** The outcome for the queue. */
export function outcomeOf(leased: Leased, result: Result, now: Date, retryAt: Date | null): AttemptOutcome {
  if (result.kind === 'delivered') return { kind: 'delivered' }
  const { kind, code, remoteText } = result
  if (kind === 'deferred' && retryAt) return { kind, code, enhanced: result.enhanced, retryAt }
  // RFC 3463 X.4.7: delivery time expired.
  const enhanced = kind === 'failed' ? result.enhanced : '5.4.7'
  const suppress = kind === 'failed' && remoteText && classify(enhanced, remoteText) === 'unknown'
  return {
    kind: 'failed',
    failure: {
      code,
      enhanced,
      ...(remoteText ? { remoteText: remoteText.slice(0, REMOTE_TEXT_CHARACTERS) } : {}),
      ...(leased.suppressed && !remoteText ? { suppressedSince: leased.suppressed.since.toISOString() } : {}),
      at: now,
    },
    ...(suppress ? { suppress: 'unknown' } : {}),
  }
}

function noteSettled(leased: Leased, outcome: AttemptOutcome, { trace, clock }: RecordOptions): void {
  if (outcome.kind !== 'told') noteStep([leased], 'settled', settledDetail(outcome), { trace, now: () => clock.now() })
}

function settledDetail(outcome: Exclude<AttemptOutcome, { kind: 'told' }>): TraceDetail {
  switch (outcome.kind) {
    case 'delivered':
      return { outcome: 'delivered' }
    case 'deferred': {
      const { code, enhanced, retryAt } = outcome
      return { outcome: 'deferred', code, enhanced, retryAt: retryAt.toISOString() }
    }
    case 'failed': {
      const { code, enhanced } = outcome.failure
      return { outcome: enhanced === '5.4.7' ? 'expired' : 'failed', code, enhanced }
    }
  }
}

/** What others refuse because of who sends or to whom counts against the sender; a full mailbox or a bad network does not. */
async function countBounce(leased: Leased, failure: Failure, { bounces, log }: RecordOptions): Promise<void> {
  if (!bounces || leased.origin !== 'account' || !failure.remoteText) return
  const kind = classify(failure.enhanced, failure.remoteText)
  if (kind !== 'unknown' && kind !== 'spam' && kind !== 'policy') return
  await bounces.bounced(leased).catch((error: unknown) => log.warn('deliver.count', { code: codeOf(error) }))
}

/**
 * The bounce of a failure that is on record. The recipient goes from the queue after the bounce is in the sender's mailbox, so a crash between the
 * two repeats this one report and never loses it (I-X1).
 */
export async function tell(
  leased: Leased,
  failure: Failure,
  options: RecordOptions,
  signal: AbortSignal,
): Promise<void> {
  const told = await persist('deliver.bounce', () => tellSender(leased, failure, options), leased, options, signal)
  if (told === 'told') failpoint('after-bounce')
  const retryAt = told === 'later' ? nextTry(leased, { queuedAt: failure.at }, options) : null
  if (told === 'later' && !retryAt) options.log.warn('deliver.bounce.givenUp', { queueId: leased.id })
  const outcome = retryAt
    ? ({ kind: 'deferred', code: failure.code, enhanced: failure.enhanced, retryAt } as const)
    : ({ kind: 'told' } as const)
  const ours = await persist('deliver.told', () => options.queue.settle(leased, outcome), leased, options, signal)
  if (ours && told === 'told' && wants(leased, 'failure'))
    noteStep([leased], 'told', { outcome: 'failed' }, { trace: options.trace, now: () => options.clock.now() })
}

/** Runs a step that must not be lost, again after a pause when it fails, until it succeeds or we are stopped. */
async function persist<Answer>(
  event: string,
  step: () => Promise<Answer>,
  leased: Leased,
  options: Pick<RecordOptions, 'log'>,
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
