import type { Settings } from '#lib/env'
import { type Running, stopAll } from '#lib/lifecycle'
import { createLog } from '#lib/log'
import { createServiceContext } from '#server/context'
import { JOBS, startJobs } from '#server/jobs/run'
import { createSendReports } from '#server/jobs/send-reports'

/** Starts the worker: sweeps, purges, and whatever else nobody waits for. Several may run; a job runs in one of them at a time. */
export async function start(settings: Settings): Promise<Running> {
  const log = createLog('worker')
  const services = createServiceContext(settings, log)
  const { sendReports, dns } = settings.mail
  const { readDay } = services.ctx.core.ways
  const jobs = startJobs(services.ctx, sendReports ? [...JOBS, createSendReports(readDay, dns.servers)] : JOBS)
  return stopAll([services, jobs])
}
