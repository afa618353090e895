import type { Databases, MailDatabase, Tx } from '#db/client'
import {
  type FolderRow,
  insertKeyword,
  lockFolders,
  lockMailbox,
  type MailboxRow,
  selectFolder,
  selectFolderByName,
  selectKeywords,
} from '#db/mail/queries/folder'
import type { StateRow } from '#db/mail/queries/message'
import { Fault } from '#lib/errors'
import type { AccountId, FolderId, RegionId, TenantId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import type { MailboxKeys } from '#mailcore/keys/service'
import type { Folder, MessageState } from '#mailcore/ports'
import { FIRST_KEYWORD_BIT, flagNames, LAST_KEYWORD_BIT, splitFlags } from '#mailcore/store/flags'
import { canonicalPath, hashKeyword, hashPath, openKeyword, openPath, sealKeyword } from '#mailcore/store/folder-names'

/** What every act on a mailbox needs: whose it is, its keys, its database. */
export interface MailSession {
  readonly tenantId: TenantId
  readonly accountId: AccountId
  readonly region: RegionId
  readonly keys: MailboxKeys
  readonly db: MailDatabase
  /** Seals what the people of a tenant see of each other, such as the addresses in a grant. */
  readonly tenantKey: () => Promise<Buffer>
}

export const mailSession = (
  db: Databases,
  account: { tenantId: TenantId; accountId: AccountId; region: RegionId },
  keys: MailboxKeys,
  tenantKey: () => Promise<Buffer>,
): MailSession => ({
  tenantId: account.tenantId,
  accountId: account.accountId,
  region: account.region,
  keys,
  db: db.mail(account.region),
  tenantKey,
})

export const noFolder = (): Fault => new Fault('NOT_FOUND', 'There is no such folder.')

/** A transaction that sees one moment of the mailbox throughout. */
export const snapshot = <R>(s: MailSession, work: (tx: Tx) => Promise<R>): Promise<R> =>
  s.db.withTenant(s.tenantId, async (tx) => {
    await tx`set transaction isolation level repeatable read read only`
    return work(tx)
  })

/** The folder of a path; throws NOT_FOUND. */
export async function folderAt(tx: Tx, s: MailSession, path: string): Promise<FolderRow> {
  const [row] = await selectFolderByName(tx, { ...s, nameHash: hashPath(s.keys, canonicalPath(path)) })
  if (!row) throw noFolder()
  return row
}

/** The folder of an id; throws NOT_FOUND. */
export async function folderOf(tx: Tx, s: MailSession, folderId: FolderId): Promise<FolderRow> {
  const [row] = await selectFolder(tx, { ...s, folderId })
  if (!row) throw noFolder()
  return row
}

/** Locks one folder until commit; throws NOT_FOUND. */
export async function lockFolder(tx: Tx, s: MailSession, folderId: FolderId): Promise<FolderRow> {
  const [row] = await lockFolders(tx, { ...s, folderIds: [folderId] })
  if (!row) throw noFolder()
  return row
}

/** Locks the mailbox, then the folders named, in that order everywhere. */
export async function lockAll(
  tx: Tx,
  s: MailSession,
  folderIds: readonly FolderId[],
): Promise<{ mailbox: MailboxRow; folders: Map<FolderId, FolderRow> }> {
  const mailbox = await lockMailbox(tx, s)
  if (!mailbox) throw new Fault('NOT_FOUND', 'There is no such mailbox.')
  const rows = await lockFolders(tx, { ...s, folderIds })
  return { mailbox, folders: new Map(rows.map((row) => [row.id, row])) }
}

/** No mail program sees it: mail waits there for the filter, or for its owner's word. */
export const isHidden = (row: FolderRow): boolean => row.specialUse === 'intake' || row.specialUse === 'quarantine'

export const toFolder = (s: MailSession, row: FolderRow): Folder => ({
  id: row.id,
  path: openPath(s.keys, s, row.id, row.nameSealed),
  specialUse: row.specialUse === 'intake' || row.specialUse === 'quarantine' ? null : row.specialUse,
  subscribed: row.subscribed,
  uidValidity: row.uidValidity,
  uidNext: row.uidNext,
  highestModseq: BigInt(row.modseq),
  messages: row.messages,
  unseen: row.unseen,
  size: row.size,
})

/** The folder's keywords by bit. */
export async function keywordsOf(tx: Tx, s: MailSession, folderId: FolderId): Promise<Map<number, string>> {
  const rows = await selectKeywords(tx, { tenantId: s.tenantId, folderId })
  return new Map(rows.map((row) => [row.bit, openKeyword(s.keys, s, folderId, row.nameSealed)]))
}

/**
 * The flag word of these names in a folder; names new to it get a bit. The folder must be locked. Throws LIMIT when its keywords are used up.
 */
export async function flagWord(
  tx: Tx,
  s: MailSession,
  folderId: FolderId,
  flags: readonly string[],
  options: { create: boolean },
): Promise<number> {
  const { bits, keywords } = splitFlags(flags)
  if (keywords.length === 0) return bits
  const known = await keywordsOf(tx, s, folderId)
  const byName = new Map([...known].map(([bit, name]) => [name.toLowerCase(), bit]))
  let word = bits
  for (const name of keywords) {
    const bit =
      byName.get(name.toLowerCase()) ?? (options.create ? await addKeyword(tx, s, folderId, name, byName) : undefined)
    if (bit !== undefined) word |= 1 << bit
  }
  return word
}

async function addKeyword(
  tx: Tx,
  s: MailSession,
  folderId: FolderId,
  name: string,
  byName: Map<string, number>,
): Promise<number> {
  if (Buffer.byteLength(name) > LIMITS.keywordBytes) throw new Fault('LIMIT', 'A keyword has at most 100 bytes.')
  const taken = new Set(byName.values())
  for (let bit = FIRST_KEYWORD_BIT; bit <= LAST_KEYWORD_BIT; bit++) {
    if (taken.has(bit)) continue
    await insertKeyword(
      tx,
      { tenantId: s.tenantId, folderId, bit },
      { hash: hashKeyword(s.keys, name), sealed: sealKeyword(s.keys, s, folderId, name) },
    )
    byName.set(name.toLowerCase(), bit)
    return bit
  }
  throw new Fault('LIMIT', `A folder knows at most ${LIMITS.keywordsPerFolder} keywords.`)
}

export const toState = (row: StateRow, keywords: ReadonlyMap<number, string>): MessageState => ({
  uid: row.uid,
  emailId: row.emailId,
  flags: flagNames(row.flags, keywords),
  modseq: BigInt(row.modseq),
  size: row.size,
  receivedAt: row.receivedAt,
})
