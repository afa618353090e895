import { systemClock } from '#lib/clock'
import type { Settings } from '#lib/env'
import { type Running, stopAll } from '#lib/lifecycle'
import { closing, ground, limitsOf, readTls } from '#mailcore/roles/shared'
import { startMx } from '#mailcore/smtp/mx'
import { createDelivery } from '#mailcore/store/delivery'

/** Mail from strangers. Holds no private key: what it has accepted it cannot read again. */
export async function start(settings: Settings): Promise<Running> {
  const { log, db, directory } = ground('mx', settings, { poolMax: 6 })
  const door = await startMx({
    host: settings.bind,
    port: settings.ports.mx,
    hostname: settings.hostname,
    tls: readTls(settings),
    directory,
    delivery: createDelivery({ db, log }),
    clock: systemClock,
    log,
    limits: limitsOf(settings),
  })
  return stopAll([closing(db), door])
}
