import { type Clock, HOUR_MS, MINUTE_MS, SECOND_MS } from '#lib/clock'
import { codeOf } from '#lib/errors'
import { pause, type Running } from '#lib/lifecycle'
import type { Log } from '#lib/log'
import type {
  BounceCount,
  Delivery,
  Destinations,
  Directory,
  Leased,
  Pools,
  Queue,
  Receipts,
  Resolver,
  SecureDns,
  Signer,
  StsPolicies,
  Trace,
} from '#mailcore/ports'
import { type Attempt, type AttemptOptions, attempt, type Handovers, planAttempts } from './attempt'
import type { Connect } from './client/line'
import { ConnectionPool } from './client/pool'
import { type RecordOptions, recordResult, tell } from './record'
import { createRoutes } from './route'

export interface DeliverOptions {
  queue: Queue
  resolver: Pick<Resolver, 'mx' | 'addresses'>
  delivery: Delivery
  directory: Pick<Directory, 'resolve'>
  clock: Clock
  log: Log
  /** Our name in EHLO and in bounces */
  hostname: string
  /** Recipients worked on at once */
  concurrency: number
  /** Each left out: nothing is signed, traced, kept, counted, paused or handed over, and DANE and MTA-STS are not asked. */
  signer?: Signer
  trace?: Trace
  receipts?: Receipts
  handovers?: Handovers
  secureDns?: SecureDns
  sts?: StsPolicies
  destinations?: Destinations & { sweep?(): Promise<void> }
  pools?: Pools
  bounces?: BounceCount
  connect?: Connect
  /** Port of hosts found in the DNS, 25 when left out; tests only */
  port?: number
  /** Authorities in place of node's own; tests only */
  ca?: string
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
/** Work that trickles in is gathered this long, so that a claim brings many. */
const GATHER_MS = 10
const STOP_MS = 20 * SECOND_MS
/** Share of the places one destination may take: a slow one must leave room for the others. */
const SHARE = 0.25

type Work = AttemptOptions & RecordOptions & { leaseMs: number }

/** Delivers what is queued, until it is stopped. An outage of queue or store is waited out, never a reason to give up mail. */
export async function startDeliver(options: DeliverOptions): Promise<Running> {
  const stopping = new AbortController()
  const cutting = new AbortController()
  const running = new Set<Promise<void>>()
  const busy = new Map<string, number>()
  const connections = new ConnectionPool()
  let working = 0
  let wake = new AbortController()
  const work: Work = {
    ...options,
    connections,
    routes: createRoutes(options),
    signal: cutting.signal,
    now: () => options.clock.now(),
    leaseMs: options.leaseMs ?? LEASE_MS,
  }
  const count = (members: readonly Leased[], by: 1 | -1) => {
    working += by * members.length
    for (const { destination } of members) {
      if (destination === undefined) continue
      const left = (busy.get(destination) ?? 0) + by
      if (left > 0) busy.set(destination, left)
      else busy.delete(destination)
    }
  }
  const begin = (members: readonly Leased[], task: (signal: AbortSignal) => Promise<void>) => {
    count(members, 1)
    const done = held(members, work, cutting.signal, task)
    running.add(done)
    void done.finally(() => {
      running.delete(done)
      count(members, -1)
      wake.abort()
    })
  }
  const most = Math.max(1, Math.floor(options.concurrency * SHARE))
  const claim = async (): Promise<number> => {
    const free = options.concurrency - working
    if (free <= 0) return 0
    const full = [...busy].flatMap(([destination, n]) => (n >= most ? [destination] : []))
    const leased = await claimSome(work, free, full)
    for (const one of leased) {
      const { failure } = one
      if (failure) begin([one], (signal) => tell(one, failure, work, signal))
    }
    for (const planned of await planAttempts(
      leased.filter(({ failure }) => failure === null),
      work,
    ))
      begin(planned.members, (signal) => tryOnce({ ...planned, signal }, work))
    return leased.length
  }
  const forget = await options.queue.onWork(() => wake.abort())
  const loop = async () => {
    while (!stopping.signal.aborted) {
      wake = new AbortController()
      if ((await claim()) === 0) await pause(POLL_MS, AbortSignal.any([wake.signal, stopping.signal]))
      // With little room, or little to do, one claim for many is cheaper than many for one each.
      await pause(GATHER_MS, stopping.signal)
    }
  }
  const sweeping = sweep(options, stopping.signal)
  const looping = loop()
  let stopped: Promise<void> | undefined
  const stop = async () => {
    stopping.abort()
    await forget().catch(() => undefined)
    await Promise.all([looping, sweeping])
    await Promise.race([Promise.allSettled([...running]), pause(STOP_MS, cutting.signal)])
    // What is still talking is cut off; its lease runs out and it is tried again.
    cutting.abort()
    await Promise.allSettled([...running])
    connections.close()
  }
  return { stop: () => (stopped ??= stop()) }
}

async function sweep({ destinations, log }: DeliverOptions, stopping: AbortSignal): Promise<void> {
  while (destinations?.sweep && !stopping.aborted) {
    await destinations.sweep().catch((error: unknown) => log.warn('deliver.sweep', { code: codeOf(error) }))
    await pause(HOUR_MS, stopping)
  }
}

async function claimSome({ queue, log, leaseMs }: Work, most: number, busy: readonly string[]): Promise<Leased[]> {
  try {
    return await queue.claim(most, leaseMs, busy)
  } catch (error) {
    log.warn('deliver.claim', { code: codeOf(error) })
    return []
  }
}

async function tryOnce(one: Attempt, work: Work): Promise<void> {
  const results = await attempt(one, { ...work, signal: one.signal })
  await Promise.all(
    [...results].map(([leased, result]) =>
      recordResult(leased, result, work, one.signal).catch((error: unknown) =>
        work.log.error('deliver.record', { queueId: leased.id, code: codeOf(error) }),
      ),
    ),
  )
}

/** Works under leases and keeps them; when all have passed on the work ends, since the recipients are another's then. */
async function held(
  members: readonly Leased[],
  work: Work,
  cut: AbortSignal,
  task: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const finished = new AbortController()
  const lost = new AbortController()
  const holding = hold(members, work, { finished: finished.signal, lost })
  try {
    await task(AbortSignal.any([cut, lost.signal]))
  } catch (error) {
    work.log.error('deliver.record', { queueId: members[0]?.id, code: codeOf(error) })
  } finally {
    finished.abort()
    await holding
  }
}

async function hold(
  members: readonly Leased[],
  { queue, log, leaseMs }: Work,
  task: { finished: AbortSignal; lost: AbortController },
): Promise<void> {
  for (;;) {
    await pause(leaseMs / RENEWALS, task.finished)
    if (task.finished.aborted) return
    try {
      const ours = await Promise.all(members.map((one) => queue.renew(one, leaseMs)))
      if (ours.some((one) => one)) continue
      // Settled meanwhile, or taken over: only in the second case is there anything left to stop.
      task.lost.abort()
      return
    } catch (error) {
      log.warn('deliver.renew', { queueId: members[0]?.id, code: codeOf(error) })
    }
  }
}
