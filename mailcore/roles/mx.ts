import { systemClock } from '#lib/clock'
import type { Settings } from '#lib/env'
import { type Running, stopAll } from '#lib/lifecycle'
import { createChecks } from '#mailcore/checks/checks'
import { nodeAsk } from '#mailcore/checks/dns'
import { createSenderRules } from '#mailcore/directory/rules'
import { createQueue } from '#mailcore/queue/queue'
import { closing, ground, limitsOf, readTls } from '#mailcore/roles/shared'
import { startLmtp } from '#mailcore/smtp/lmtp'
import { startMx } from '#mailcore/smtp/mx'
import { createDelivery } from '#mailcore/store/delivery'
import { createTrace } from '#mailcore/trace/trace'

/** Mail from strangers. Holds no private key: what it has accepted it cannot read again. */
export async function start(settings: Settings): Promise<Running> {
  const { log, db, directory, lookupKey } = ground('mx', settings, { poolMax: 6 })
  const { dns, rspamd, clamd } = settings.mail
  const checks = createChecks({
    rules: createSenderRules({ db, lookupKey, clock: systemClock }),
    ask: nodeAsk(dns.servers),
    hostname: settings.hostname,
    scanners: { rspamd, clamd },
    clock: systemClock,
    log,
  })
  const common = {
    host: settings.bind,
    hostname: settings.hostname,
    tls: readTls(settings),
    directory,
    delivery: createDelivery({ db, log }),
    queue: createQueue({ db, keys: null, lookupKey, log }),
    lookupKey,
    clock: systemClock,
    log,
  }
  const trace = createTrace({ db, clock: systemClock, log })
  const door = await startMx({
    ...common,
    trace,
    port: settings.ports.mx,
    checks,
    limits: limitsOf(settings),
    proxyFrom: settings.mail.proxyFrom,
  })
  const { lmtpFrom } = settings.mail
  const lmtp =
    lmtpFrom.length === 0
      ? []
      : [
          await startLmtp({ ...common, port: settings.ports.lmtp, from: lmtpFrom }).catch(async (error: unknown) => {
            await door.stop()
            throw error
          }),
        ]
  return stopAll([closing(db), trace, { stop: async () => checks.close() }, door, ...lmtp])
}
