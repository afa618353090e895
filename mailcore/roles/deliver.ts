import { systemClock } from '#lib/clock'
import type { Settings } from '#lib/env'
import { type Running, stopAll } from '#lib/lifecycle'
import { startDeliver } from '#mailcore/deliver/worker'
import { createStsPolicies } from '#mailcore/dns/mta-sts'
import { createOutside } from '#mailcore/dns/outside'
import { createSrsReturn } from '#mailcore/filter/srs-return'
import { startFilter } from '#mailcore/filter/worker'
import { fileKms } from '#mailcore/keys/root'
import { createKeyService } from '#mailcore/keys/service'
import { createLists } from '#mailcore/lists/lists'
import { createSendingCaps } from '#mailcore/queue/caps'
import { createDestinations } from '#mailcore/queue/destinations'
import { createPools } from '#mailcore/queue/pools'
import { createQueue } from '#mailcore/queue/queue'
import { createReportReader } from '#mailcore/reports/reader'
import { closing, ground } from '#mailcore/roles/shared'
import { compileScript, runScript } from '#mailcore/sieve/index'
import { createSigner } from '#mailcore/signing/signer'
import { createDelivery } from '#mailcore/store/delivery'
import { createIntakeFeed } from '#mailcore/store/intake-feed'
import { createMailStores } from '#mailcore/store/mail-store'
import { createReceipts } from '#mailcore/trace/receipts'
import { createTrace } from '#mailcore/trace/trace'

/** Recipients worked on at once by one process: a claim brings so many, and each waits on a stranger most of the time. */
const CONCURRENCY = 400

/** Accounts whose scripts run side by side; each holds a connection for its turn, so the pool is larger. */
const FILTERED_AT_ONCE = 4

/** Mail to other hosts, and the owners' scripts over the mail that came in. */
export async function start(settings: Settings): Promise<Running> {
  const { log, db, directory, lookupKey } = ground('deliver', settings, { poolMax: 10 })
  const keys = createKeyService(db, fileKms(settings.keyFiles.root))
  const queue = createQueue({ db, keys, lookupKey, log })
  const { resolver, secureDns } = createOutside({ dns: settings.mail.dns, routes: settings.routes })
  const destinations = createDestinations({ db, lookupKey })
  const delivery = createDelivery({ db, log })
  const trace = createTrace({ db, clock: systemClock, log })
  const worker = await startDeliver({
    trace,
    receipts: createReceipts({ db, lookupKey, log }),
    queue,
    resolver,
    ...(secureDns && settings.mail.dns.validating ? { secureDns } : {}),
    sts: createStsPolicies({ resolver, kept: destinations, log }),
    destinations,
    pools: createPools(db),
    bounces: createSendingCaps({ db, log }),
    delivery,
    signer: createSigner({ db, keys, hostname: settings.hostname }),
    directory,
    clock: systemClock,
    log,
    hostname: settings.hostname,
    concurrency: CONCURRENCY,
    handovers: {
      list: createLists({
        db,
        keys,
        queue,
        delivery,
        lookupKey,
        txt: resolver.txt,
        clock: systemClock,
        log,
        hostname: settings.hostname,
      }),
      reports: createReportReader({ db, keys, clock: systemClock, log, hostname: settings.hostname }),
      srs: createSrsReturn({ queue, srsKey: lookupKey, clock: systemClock, hostname: settings.hostname }),
    },
  })
  const filter = await startFilter({
    feed: createIntakeFeed(db),
    stores: createMailStores({ db, keys, log }),
    directory,
    queue,
    sieve: { compile: compileScript, run: runScript },
    srsKey: lookupKey,
    clock: systemClock,
    log,
    hostname: settings.hostname,
    concurrency: FILTERED_AT_ONCE,
  })
  return stopAll([closing(db), trace, worker, filter])
}
