import { openDatabases } from '#db/client'
import { systemClock } from '#lib/clock'
import type { Settings } from '#lib/env'
import type { Running } from '#lib/lifecycle'
import type { Log } from '#lib/log'
import { createMailCore, fileKms, readKeyFile } from '#mailcore/api'
import { createDirectoryCache } from '#server/directory-cache'
import type { ServiceContext } from '#server/services'
import { createDnsLookup } from '#server/services/dns/look-up'

/** Connections to each database that the web role may hold; ten roles share the server's hundred. */
const POOL_MAX = 8

/**
 * Opens the databases and keys this process was given and puts the services' context together over them. The caller holds it for
 * the life of the process and stops it last.
 */
export function createServiceContext(settings: Settings, log: Log): { ctx: ServiceContext } & Running {
  const db = openDatabases(settings.urls, { poolMax: POOL_MAX, name: 'web' })
  const core = createMailCore({
    db,
    kms: fileKms(settings.keyFiles.root),
    lookupKey: readKeyFile(settings.keyFiles.lookup),
    log,
    hostname: settings.hostname,
  })
  const directoryCache = createDirectoryCache({ db, keys: core.keys, log })
  const dns = createDnsLookup(settings.mail.dns.servers)
  const site = { hostname: settings.hostname, webOrigin: new URL(settings.webUrl).origin }
  return {
    ctx: { db, core, clock: systemClock, log, directoryCache, dns, site },
    stop: async () => {
      await core.flush()
      await db.close()
    },
  }
}
