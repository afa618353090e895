import type { Databases } from '#db/client'
import { BoxSealer } from '#lib/crypto/box'
import { codeOf, Fault } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import type { Log } from '#lib/log'
import type { KeyService } from '#mailcore/keys/service'
import type { MailStore, MailStores } from '#mailcore/ports'
import { append, appendAll, replace } from '#mailcore/store/append'
import { readBodies } from '#mailcore/store/bodies'
import { ChangeHub } from '#mailcore/store/changes'
import { changeFlags } from '#mailcore/store/flag-changes'
import {
  createFolder,
  deleteFolder,
  listFolders,
  readFolder,
  renameFolder,
  subscribeFolder,
} from '#mailcore/store/folders'
import { MetaCache } from '#mailcore/store/meta-cache'
import { deleteQuarantined, listQuarantined, releaseQuarantined } from '#mailcore/store/quarantine'
import {
  fetchMessages,
  listChanges,
  listMessages,
  listRecoverable,
  readEmailIds,
  readQuota,
} from '#mailcore/store/reading'
import { scriptsOf } from '#mailcore/store/scripts'
import { type MailSession, mailSession } from '#mailcore/store/session'
import { type SharedAccount, SharedAccounts } from '#mailcore/store/shared'
import { sharingOf } from '#mailcore/store/sharing'
import { learnFromMove, looksLikeSpam } from '#mailcore/store/training'
import { copyTo, moveMessages, recoverTo, removeFrom, setFlags } from '#mailcore/store/transfer'

/** Opens mailboxes for sessions; see ports.MailStores. What the sessions of one account read in clear they share, until the last of them closes. */
export function createMailStores(parts: { db: Databases; keys: KeyService; log: Log }): MailStores {
  const house: House = {
    hub: new ChangeHub(parts.db, parts.log),
    sealer: new BoxSealer(),
    log: parts.log,
  }
  const accounts = new SharedAccounts(new MetaCache(LIMITS.metadataCacheBytes))
  return {
    open: async (account) => {
      const keys = await parts.keys.mailboxKeys(account.tenantId, account.accountId)
      const { shared, leave } = accounts.join(account.accountId, keys)
      const session = mailSession(parts.db, account, shared.keys, () => parts.keys.tenantKey(account.tenantId))
      return openStore(session, shared, leave, house)
    },
  }
}

/** What all sessions of a process share. */
interface House {
  hub: ChangeHub
  sealer: BoxSealer
  log: Log
}

function openStore(session: MailSession, shared: SharedAccount, leave: () => void, house: House): MailStore {
  const { hub, sealer, log } = house
  let open: MailSession | undefined = session
  const s = (): MailSession => {
    if (!open) throw new Fault('UNAUTHENTICATED', 'This session has ended. Sign in again.')
    return open
  }
  const bodies: MailStore['bodies'] = (folder, uids) =>
    readBodies(s(), folder, uids, () => shared.viewPast(s(), folder, uids[uids.length - 1] ?? 0))
  // What was moved stays moved, also for a session that ended meanwhile; that nothing was learnt of it is worth a line in the log.
  const learn = async (moved: Parameters<typeof learnFromMove>[1]): Promise<void> => {
    try {
      await learnFromMove(s(), moved, bodies)
    } catch (error) {
      log.warn('nothing learnt', { accountId: session.accountId, code: codeOf(error) })
    }
  }
  return {
    ...sharingOf(s),
    ...scriptsOf(s),
    account: { tenantId: session.tenantId, accountId: session.accountId, region: session.region },
    folders: () => listFolders(s()),
    folder: (path) => readFolder(s(), path),
    view: async (folder) => {
      hub.watch(session.accountId, folder)
      return shared.view(s(), folder)
    },
    knownView: (folder) => (open ? shared.known(folder) : undefined),
    metadata: (folder, uids, columns) =>
      shared.meta(folder).read(s(), uids, columns, (error) => log.warn('pages not made', { code: codeOf(error) })),
    bodies,
    emailIds: (folder, uids) => readEmailIds(s(), folder, uids),
    createFolder: (path, options) => createFolder(s(), path, options),
    renameFolder: (from, to) => renameFolder(s(), from, to),
    deleteFolder: (path) => deleteFolder(s(), path),
    subscribe: (path, subscribed) => subscribeFolder(s(), path, subscribed),
    list: (folder, options) => {
      hub.watch(session.accountId, folder)
      return listMessages(s(), folder, options)
    },
    fetch: (folder, uids, want) => fetchMessages(s(), folder, uids, want),
    append: (path, message) => append(s(), sealer, path, message),
    appendAll: (path, messages) => appendAll(s(), sealer, path, messages),
    replace: (folderId, uid, path, message) => replace(s(), sealer, { folderId, uid }, path, message),
    changeFlags: (folder, uids, change) => changeFlags(s(), shared, folder, uids, change),
    setFlags: (folder, uids, change) => setFlags(s(), folder, uids, change),
    expunge: (folder, uids) => removeFrom(s(), folder, { uids, onlyDeleted: true }),
    remove: (folder, uids) => removeFrom(s(), folder, { uids, onlyDeleted: false }),
    copy: async (folder, uids, toPath) => {
      const placed = await copyTo(s(), folder, uids, toPath)
      await learn({ from: folder, placed, toPath, isCopy: true })
      return placed
    },
    move: async (folder, uids, toPath) => {
      const placed = await moveMessages(s(), folder, uids, toPath)
      await learn({ from: folder, placed, toPath, isCopy: false })
      return placed
    },
    looksLikeSpam: (raw) => looksLikeSpam(s(), raw),
    changes: (folder, since, kind) => listChanges(s(), folder, since, kind),
    quota: () => readQuota(s()),
    recoverable: (options) => listRecoverable(s(), options),
    recover: (emails, toPath) => recoverTo(s(), emails, toPath),
    quarantined: (limit = 500) => listQuarantined(s(), limit),
    releaseQuarantined: (uids) => releaseQuarantined(s(), uids),
    deleteQuarantined: (uids) => deleteQuarantined(s(), uids),
    onChange: (listener) => hub.subscribe(session.region, session.accountId, listener),
    close: () => {
      if (open) leave()
      open = undefined
    },
  }
}
