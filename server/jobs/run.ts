import { tryJobLock } from '#db/control/queries/job-lock'
import { codeOf } from '#lib/errors'
import { pause, type Running } from '#lib/lifecycle'
import { checkDns } from '#server/jobs/check-dns'
import { endGrace } from '#server/jobs/end-grace'
import type { Job } from '#server/jobs/job'
import { keepLogKeys } from '#server/jobs/keep-log-keys'
import { purgeDeleted } from '#server/jobs/purge-deleted'
import { purgeQuarantined } from '#server/jobs/purge-quarantined'
import { rotateDkim } from '#server/jobs/rotate-dkim'
import { sweepAccepted } from '#server/jobs/sweep-accepted'
import { sweepGreylist } from '#server/jobs/sweep-greylist'
import { sweepIntents } from '#server/jobs/sweep-intents'
import { sweepReports } from '#server/jobs/sweep-reports'
import { sweepFailures, sweepQuarantine, sweepSessions } from '#server/jobs/sweep-rows'
import { sweepSent } from '#server/jobs/sweep-sent'
import { tellFreezes } from '#server/jobs/tell-freezes'
import type { ServiceContext } from '#server/services'

/** What the worker does, in the order of a first run. */
export const JOBS: readonly Job[] = [
  keepLogKeys,
  sweepIntents,
  endGrace,
  purgeDeleted,
  purgeQuarantined,
  sweepAccepted,
  sweepGreylist,
  sweepSessions,
  sweepFailures,
  sweepQuarantine,
  sweepReports,
  sweepSent,
  tellFreezes,
  rotateDkim,
  checkDns,
]

/** Runs a job unless another process does; returns what it did, or null when it was left to the other. */
async function runLocked(ctx: ServiceContext, job: Job): Promise<number | null> {
  // The lock lives as long as this transaction, so a worker that dies gives it up at once.
  return ctx.db.control.withSystem('tenant sweep', async (tx) =>
    (await tryJobLock(tx, job.name)) ? job.run(ctx) : null,
  )
}

/** Every job once, one after the other. */
export async function runJobsOnce(ctx: ServiceContext): Promise<Record<string, number | null>> {
  const done: Record<string, number | null> = {}
  for (const job of JOBS) done[job.name] = await runLocked(ctx, job)
  return done
}

/**
 * Jobs that run side by side. Each holds a connection for its lock and asks for others meanwhile: were there as many jobs as connections, each would wait
 * for one that another holds.
 */
const AT_ONCE = 3

/** Lets so many in at a time, in the order they came. */
function createSeats(most: number): <R>(work: () => Promise<R>) => Promise<R> {
  const waiting: (() => void)[] = []
  let free = most
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}

/** Runs every job at its own interval until stopped; stopping waits for the runs under way. */
export function startJobs(ctx: ServiceContext, jobs: readonly Job[] = JOBS): Running {
  const over = new AbortController()
  const seated = createSeats(AT_ONCE)
  const loops = jobs.map(async (job) => {
    while (!over.signal.aborted) {
      try {
        const count = await seated(async () => (over.signal.aborted ? null : runLocked(ctx, job)))
        if (count) ctx.log.info('job done', { job: job.name, count })
      } catch (error) {
        ctx.log.warn('job failed', { job: job.name, error: codeOf(error) })
      }
      await pause(job.everyMs, over.signal)
    }
  })
  return {
    stop: async () => {
      over.abort()
      await Promise.all(loops)
    },
  }
}
