import type { Settings } from '#lib/env'
import { type Running, stopAll } from '#lib/lifecycle'
import { startImap } from '#mailcore/imap/index'
import { fileKms } from '#mailcore/keys/root'
import { createKeyService } from '#mailcore/keys/service'
import { startManageSieve } from '#mailcore/managesieve/index'
import { startPop3 } from '#mailcore/pop3/index'
import { closing, ground, limitsOf, readTls } from '#mailcore/roles/shared'
import { createMailStores } from '#mailcore/store/mail-store'

/** Reading and filing by mail programs: IMAP, POP3 and ManageSieve share the opened mailboxes of one process. */
export async function start(settings: Settings): Promise<Running> {
  const { log, db, directory } = ground('imap', settings, { poolMax: 10 })
  const keys = createKeyService(db, fileKms(settings.keyFiles.root))
  const common = {
    bind: settings.bind,
    tls: readTls(settings),
    directory,
    stores: createMailStores({ db, keys, log }),
    log,
    hostname: settings.hostname,
    limits: limitsOf(settings),
  }
  const { imap, imaps, pop3, pop3s, sieve } = settings.ports
  const doors = await Promise.all([
    startImap({ ...common, port: imaps, clearPort: imap }),
    startPop3({ ...common, ports: { clear: pop3, tls: pop3s } }),
    startManageSieve({ ...common, port: sieve }),
  ])
  return stopAll([closing(db), ...doors])
}
