import { systemClock } from '#lib/clock'
import type { Settings } from '#lib/env'
import { type Running, stopAll } from '#lib/lifecycle'
import { startDeliver } from '#mailcore/deliver/worker'
import { createResolver } from '#mailcore/dns/resolver'
import { fileKms } from '#mailcore/keys/root'
import { createKeyService } from '#mailcore/keys/service'
import { createQueue } from '#mailcore/queue/queue'
import { closing, ground } from '#mailcore/roles/shared'
import { createDelivery } from '#mailcore/store/delivery'

/** Recipients tried at once by one process. */
const CONCURRENCY = 20

/** Mail to other hosts. */
export async function start(settings: Settings): Promise<Running> {
  const { log, db, directory } = ground('deliver', settings, { poolMax: 6 })
  const keys = createKeyService(db, fileKms(settings.keyFiles.root))
  const worker = await startDeliver({
    queue: createQueue({ db, keys, log }),
    resolver: createResolver({ routes: settings.routes }),
    delivery: createDelivery({ db, log }),
    directory,
    clock: systemClock,
    log,
    hostname: settings.hostname,
    concurrency: CONCURRENCY,
  })
  return stopAll([closing(db), worker])
}
