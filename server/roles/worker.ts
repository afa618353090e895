import type { Settings } from '#lib/env'
import { type Running, stopAll } from '#lib/lifecycle'
import { createLog } from '#lib/log'
import { createServiceContext } from '#server/context'
import { startJobs } from '#server/jobs/run'

/** Starts the worker: sweeps, purges, and whatever else nobody waits for. Several may run; a job runs in one of them at a time. */
export async function start(settings: Settings): Promise<Running> {
  const log = createLog('worker')
  const services = createServiceContext(settings, log)
  const jobs = startJobs(services.ctx)
  return stopAll([services, jobs])
}
