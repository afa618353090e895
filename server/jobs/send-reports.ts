import { DAY_MS, HOUR_MS } from '#lib/clock'
import type { ReadDay } from '#mailcore/api'
import type { Job } from '#server/jobs/job'

/**
 * Sends yesterday's reports to the domains that ask for them (RFC 7489 7.2, RFC 8460): once a day, from one hour after midnight UTC, when the last lines of the
 * day have been written for long. A worker that is started again gathers the day once more and sends nothing twice.
 */
export function createSendReports(readDay: ReadDay, dnsServers: readonly string[]): Job {
  let done = -1
  return {
    name: 'send-reports',
    everyMs: HOUR_MS / 2,
    run: async (ctx) => {
      const yesterday = Math.floor((ctx.clock.now().getTime() - HOUR_MS) / DAY_MS) - 1
      if (yesterday === done) return 0
      const sent = await ctx.core.sendReports(readDay, dnsServers, yesterday)
      done = yesterday
      return sent
    },
  }
}
