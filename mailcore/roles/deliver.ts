import { systemClock } from '#lib/clock'
import type { Settings } from '#lib/env'
import { type Running, stopAll } from '#lib/lifecycle'
import { startDeliver } from '#mailcore/deliver/worker'
import { createResolver } from '#mailcore/dns/resolver'
import { startFilter } from '#mailcore/filter/worker'
import { fileKms } from '#mailcore/keys/root'
import { createKeyService } from '#mailcore/keys/service'
import { createQueue } from '#mailcore/queue/queue'
import { closing, ground } from '#mailcore/roles/shared'
import { compileScript, runScript } from '#mailcore/sieve/index'
import { createDelivery } from '#mailcore/store/delivery'
import { createIntakeFeed } from '#mailcore/store/intake-feed'
import { createMailStores } from '#mailcore/store/mail-store'

/** Recipients tried at once by one process. */
const CONCURRENCY = 20

/** Accounts whose scripts run side by side; each holds a connection for its turn, so the pool is larger. */
const FILTERED_AT_ONCE = 4

/** Mail to other hosts, and the owners' scripts over the mail that came in. */
export async function start(settings: Settings): Promise<Running> {
  const { log, db, directory } = ground('deliver', settings, { poolMax: 10 })
  const keys = createKeyService(db, fileKms(settings.keyFiles.root))
  const queue = createQueue({ db, keys, log })
  const worker = await startDeliver({
    queue,
    resolver: createResolver({ routes: settings.routes }),
    delivery: createDelivery({ db, log }),
    directory,
    clock: systemClock,
    log,
    hostname: settings.hostname,
    concurrency: CONCURRENCY,
  })
  const filter = await startFilter({
    feed: createIntakeFeed(db),
    stores: createMailStores({ db, keys, log }),
    directory,
    queue,
    sieve: { compile: compileScript, run: runScript },
    clock: systemClock,
    log,
    hostname: settings.hostname,
    concurrency: FILTERED_AT_ONCE,
  })
  return stopAll([closing(db), worker, filter])
}
