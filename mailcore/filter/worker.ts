import { MINUTE_MS, SECOND_MS } from '#lib/clock'
import { codeOf, isOutage } from '#lib/errors'
import type { AccountId } from '#lib/ids'
import type { Running } from '#lib/lifecycle'
import { createHalfDone } from '#mailcore/pipeline/once'
import type { AccountRef } from '#mailcore/ports'
import { emptyIntake } from './account'
import type { FilterOptions, FilterParts } from './parts'

/** Accounts asked for in one sweep of a region; those beyond come in the next. */
const SWEEP_MOST = 10_000

/**
 * Runs the scripts of those who have one over the mail that waits for them, until it is stopped. Told of arrivals by the databases, and looking by itself
 * at the start, each minute, and whenever something may have been missed. One account at a time across all processes, several accounts side by side.
 */
export async function startFilter(options: FilterOptions): Promise<Running> {
  const parts: FilterParts = { ...options, halfDone: createHalfDone(options.clock) }
  const stopping = new AbortController()
  const startedAt = options.clock.now()
  const due = new Map<AccountId, AccountRef>()
  const running = new Map<AccountId, { again: boolean; task: Promise<void> }>()
  const timers = new Set<NodeJS.Timeout>()
  const retryMs = options.retryMs ?? SECOND_MS

  const wake = (account: AccountRef): void => {
    const current = running.get(account.accountId)
    if (current) current.again = true
    else due.set(account.accountId, account)
    pump()
  }

  const later = (account: AccountRef): void => {
    if (stopping.signal.aborted) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      wake(account)
    }, retryMs)
    timers.add(timer)
  }

  const pump = (): void => {
    for (const [accountId, account] of due) {
      if (stopping.signal.aborted || running.size >= options.concurrency) return
      due.delete(accountId)
      const entry = { again: false, task: Promise.resolve() }
      running.set(accountId, entry)
      entry.task = work(account).finally(() => {
        running.delete(accountId)
        if (entry.again) due.set(accountId, account)
        pump()
      })
    }
  }

  const work = async (account: AccountRef): Promise<void> => {
    try {
      let left = false
      const ours = await options.feed.inTurn(account, async () => {
        left = await emptyIntake(parts, account, { startedAt, stopping: stopping.signal })
      })
      // Another worker's turn: it may have looked before what we were woken for came in.
      if (!ours || left) later(account)
    } catch (error) {
      options.log.warn('filter.account', { accountId: account.accountId, code: codeOf(error) })
      // An outage passes; anything else, such as an account whose keys are gone, waits for the sweep.
      if (isOutage(error)) later(account)
    }
  }

  const sweep = async (): Promise<void> => {
    try {
      for (const account of await options.feed.pending(SWEEP_MOST)) wake(account)
    } catch (error) {
      options.log.warn('filter.sweep', { code: codeOf(error) })
    }
  }

  const forget = await options.feed.onArrival(wake, () => void sweep())
  await sweep()
  const clockwork = setInterval(() => void sweep(), options.sweepMs ?? MINUTE_MS)
  const stop = async (): Promise<void> => {
    stopping.abort()
    clearInterval(clockwork)
    for (const timer of timers) clearTimeout(timer)
    await forget().catch(() => undefined)
    await Promise.allSettled([...running.values()].map(({ task }) => task))
  }
  let stopped: Promise<void> | undefined
  return { stop: () => (stopped ??= stop()) }
}
