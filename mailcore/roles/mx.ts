import { systemClock } from '#lib/clock'
import type { Settings } from '#lib/env'
import { type Running, stopAll } from '#lib/lifecycle'
import { createChecks } from '#mailcore/checks/checks'
import { nodeAsk } from '#mailcore/checks/dns'
import { createSenderRules } from '#mailcore/directory/rules'
import { createQueue } from '#mailcore/queue/queue'
import { closing, ground, limitsOf, readTls } from '#mailcore/roles/shared'
import { startMx } from '#mailcore/smtp/mx'
import { createDelivery } from '#mailcore/store/delivery'

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
  const door = await startMx({
    host: settings.bind,
    port: settings.ports.mx,
    hostname: settings.hostname,
    tls: readTls(settings),
    directory,
    delivery: createDelivery({ db, log }),
    queue: createQueue({ db, keys: null, lookupKey, log }),
    checks,
    lookupKey,
    clock: systemClock,
    log,
    limits: limitsOf(settings),
  })
  return stopAll([closing(db), { stop: async () => checks.close() }, door])
}
