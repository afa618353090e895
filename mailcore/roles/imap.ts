import type { Settings } from '#lib/env'
import { type Running, stopAll } from '#lib/lifecycle'
import { startImap } from '#mailcore/imap/index'
import { fileKms } from '#mailcore/keys/root'
import { createKeyService } from '#mailcore/keys/service'
import { closing, ground, limitsOf, readTls } from '#mailcore/roles/shared'
import { createMailStores } from '#mailcore/store/mail-store'

/** Reading and filing by mail programs. */
export async function start(settings: Settings): Promise<Running> {
  const { log, db, directory } = ground('imap', settings, { poolMax: 10 })
  const keys = createKeyService(db, fileKms(settings.keyFiles.root))
  const door = await startImap({
    bind: settings.bind,
    port: settings.ports.imaps,
    tls: readTls(settings),
    directory,
    stores: createMailStores({ db, keys, log }),
    log,
    hostname: settings.hostname,
    limits: limitsOf(settings),
  })
  return stopAll([closing(db), door])
}
