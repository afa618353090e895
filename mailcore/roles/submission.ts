import { systemClock } from '#lib/clock'
import type { Settings } from '#lib/env'
import { type Running, stopAll } from '#lib/lifecycle'
import { createSendingCaps } from '#mailcore/queue/caps'
import { createQueue } from '#mailcore/queue/queue'
import { closing, ground, limitsOf, readTls } from '#mailcore/roles/shared'
import { startSubmission } from '#mailcore/smtp/submission'
import { createDelivery } from '#mailcore/store/delivery'
import { createReceipts } from '#mailcore/trace/receipts'
import { createTrace } from '#mailcore/trace/trace'

/** Mail from our own subscribers. It seals what goes into the queue and cannot open it. */
export async function start(settings: Settings): Promise<Running> {
  const { log, db, directory, lookupKey } = ground('submission', settings, { poolMax: 6 })
  const trace = createTrace({ db, clock: systemClock, log })
  const door = await startSubmission({
    trace,
    receipts: createReceipts({ db, lookupKey, log }),
    host: settings.bind,
    ports: { startTls: settings.ports.submission, implicitTls: settings.ports.submissions },
    hostname: settings.hostname,
    tls: readTls(settings),
    lookupKey,
    directory,
    delivery: createDelivery({ db, log }),
    queue: createQueue({ db, keys: null, lookupKey, log }),
    // A load test writes to more people than anybody.
    caps: settings.benchLimits ? { take: async () => ({ ok: true }) } : createSendingCaps({ db, log }),
    clock: systemClock,
    log,
    limits: limitsOf(settings),
  })
  return stopAll([closing(db), trace, door])
}
