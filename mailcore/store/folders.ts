import { removeMessages } from '#db/mail/queries/alter'
import {
  deleteFolderRow,
  insertFolders,
  renameFolderRow,
  selectFolderByName,
  selectFolders,
  setSubscribed,
  takeUidValidity,
} from '#db/mail/queries/folder'
import { DAY_MS } from '#lib/clock'
import { Fault } from '#lib/errors'
import { type FolderId, newId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import type { Folder, SpecialUse } from '#mailcore/ports'
import { canonicalPath, hashPath, sealPath } from '#mailcore/store/folder-names'
import { folderAt, lockAll, type MailSession, noFolder, toFolder } from '#mailcore/store/session'
import { moveMessages } from '#mailcore/store/transfer'

/** All folders: INBOX first, then by path. */
export async function listFolders(s: MailSession): Promise<Folder[]> {
  const [rows] = await s.db.pipeline(s.tenantId, (sql) => [selectFolders(sql, s)])
  const order = (folder: Folder) => (folder.specialUse === 'inbox' ? '' : folder.path)
  return rows.map((row) => toFolder(s, row)).sort((a, b) => (order(a) < order(b) ? -1 : 1))
}

/** The folder of a path; throws NOT_FOUND. */
export async function readFolder(s: MailSession, path: string): Promise<Folder> {
  const at = { tenantId: s.tenantId, accountId: s.accountId, nameHash: hashPath(s.keys, canonicalPath(path)) }
  const [[row]] = await s.db.pipeline(s.tenantId, (sql) => [selectFolderByName(sql, at)])
  if (!row) throw noFolder()
  return toFolder(s, row)
}

/**
 * Creates a folder and the levels above it that are missing (RFC 9051 6.3.4). Throws CONFLICT when it is there, or when another folder
 * has the special use asked for (RFC 6154 section 3).
 */
export async function createFolder(
  s: MailSession,
  path: string,
  { specialUse }: { specialUse?: SpecialUse } = {},
): Promise<Folder> {
  const wanted = canonicalPath(path)
  return s.db.withTenant(s.tenantId, async (tx) => {
    const { mailbox } = await lockAll(tx, s, [])
    const existing = await selectFolders(tx, s)
    const paths = new Set(existing.map((row) => toFolder(s, row).path))
    if (paths.has(wanted)) throw new Fault('CONFLICT', 'There is a folder of this name already.')
    if (specialUse && existing.some((row) => row.specialUse === specialUse))
      throw new Fault('CONFLICT', 'Another folder has this special use already.')
    const levels = wanted.split('/')
    const missing = levels.map((_, i) => levels.slice(0, i + 1).join('/')).filter((level) => !paths.has(level))
    if (existing.length + missing.length > LIMITS.foldersPerAccount)
      throw new Fault('LIMIT', `A mailbox holds at most ${LIMITS.foldersPerAccount} folders.`)
    // Strictly greater than any before, even when the clock went back (I-U3).
    const first = Math.max(mailbox.nextUidValidity, Math.floor(Date.now() / 1000))
    const folders = missing.map((level, i) => {
      const id = newId<FolderId>()
      return {
        tenantId: s.tenantId,
        accountId: s.accountId,
        id,
        nameHash: hashPath(s.keys, level),
        nameSealed: sealPath(s.keys, s, id, level),
        specialUse: level === wanted ? (specialUse ?? null) : null,
        uidValidity: first + i,
      }
    })
    await insertFolders(tx, folders)
    await takeUidValidity(tx, s, first + folders.length - 1)
    return toFolder(s, await folderAt(tx, s, wanted))
  })
}

/** Renames a folder with everything below it. Renaming INBOX moves its messages into a new folder (RFC 9051 6.3.6). */
export async function renameFolder(s: MailSession, from: string, to: string): Promise<void> {
  const source = canonicalPath(from)
  const target = canonicalPath(to)
  if (source === 'INBOX') return renameInbox(s, target)
  if (target === source || target.startsWith(`${source}/`))
    throw new Fault('BAD_REQUEST', 'A folder cannot be moved into itself.')
  const parent = target.slice(0, Math.max(0, target.lastIndexOf('/')))
  if (parent) await createFolder(s, parent).catch(ignoreConflict)
  await s.db.withTenant(s.tenantId, async (tx) => {
    await lockAll(tx, s, [])
    const folders = (await selectFolders(tx, s)).map((row) => toFolder(s, row))
    if (!folders.some((folder) => folder.path === source)) throw new Fault('NOT_FOUND', 'There is no such folder.')
    if (folders.some((folder) => folder.path === target))
      throw new Fault('CONFLICT', 'There is a folder of this name already.')
    for (const folder of folders) {
      if (folder.path !== source && !folder.path.startsWith(`${source}/`)) continue
      const path = canonicalPath(target + folder.path.slice(source.length))
      await renameFolderRow(
        tx,
        { tenantId: s.tenantId, folderId: folder.id },
        { hash: hashPath(s.keys, path), sealed: sealPath(s.keys, s, folder.id, path) },
      )
    }
  })
}

const ignoreConflict = (error: unknown): void => {
  if (!(error instanceof Fault && error.code === 'CONFLICT')) throw error
}

async function renameInbox(s: MailSession, target: string): Promise<void> {
  await createFolder(s, target)
  const inbox = await readFolder(s, 'INBOX')
  await moveMessages(s, inbox.id, 'all', target)
}

/** Deletes a folder. Its messages stay recoverable for the account's own number of days. */
export async function deleteFolder(s: MailSession, path: string): Promise<void> {
  const wanted = canonicalPath(path)
  await s.db.withTenant(s.tenantId, async (tx) => {
    const row = await folderAt(tx, s, wanted)
    if (row.specialUse === 'inbox') throw new Fault('FORBIDDEN', 'The inbox cannot be deleted.')
    const { mailbox, folders } = await lockAll(tx, s, [row.id])
    const locked = folders.get(row.id)
    if (!locked) throw new Fault('NOT_FOUND', 'There is no such folder.')
    const others = (await selectFolders(tx, s)).map((other) => toFolder(s, other).path)
    if (others.some((other) => other.startsWith(`${wanted}/`)))
      throw new Fault('CONFLICT', 'The folder has folders below it. Delete or move those first.')
    const now = new Date()
    const purgeAt = mailbox.recoverDays > 0 ? new Date(now.getTime() + mailbox.recoverDays * DAY_MS) : null
    await removeMessages(tx, { ...s, folderId: row.id, modseq: locked.modseq + 1, onlyDeleted: false, now, purgeAt })
    await deleteFolderRow(tx, { tenantId: s.tenantId, folderId: row.id })
  })
}

export const subscribeFolder = (s: MailSession, path: string, subscribed: boolean): Promise<void> =>
  s.db.withTenant(s.tenantId, async (tx) => {
    const row = await folderAt(tx, s, path)
    await setSubscribed(tx, { tenantId: s.tenantId, folderId: row.id }, subscribed)
  })
