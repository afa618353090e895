import type { Log } from '#lib/log'
import type { Directory, MailStores } from '#mailcore/ports'
import type { SessionNotifier } from './notifier'

/** What the handlers of one running IMAP door share. */
export interface Door {
  directory: Directory
  stores: MailStores
  log: Log
  notifier: SessionNotifier
}
