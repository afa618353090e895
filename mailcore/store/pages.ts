import { randomUUID } from 'node:crypto'
import { lockFolderRow } from '#db/mail/queries/flags'
import { insertPage, type NewPage } from '#db/mail/queries/page'
import { open, seal } from '#lib/crypto/aead'
import { deriveKey } from '#lib/crypto/hash'
import type { FolderId } from '#lib/ids'
import type { MailboxKeys } from '#mailcore/keys/service'
import type { MetaColumn } from '#mailcore/ports'
import { type Column, packColumn, unpackColumn } from '#mailcore/store/columns'
import { squeeze, unsqueeze } from '#mailcore/store/sealing'
import type { MailSession } from '#mailcore/store/session'

/** Messages in a page: 256 open fastest per message, and an erased one takes few with it. */
export const PAGE_MESSAGES = 256
export const META_COLUMNS: readonly MetaColumn[] = ['envelope', 'bodystructure', 'header', 'preview']

/** The key of an account's pages: it dies with the account's mailbox keys. */
export const pageKey = (keys: MailboxKeys): Buffer => deriveKey(keys.nameKey, 'mailtight/meta-page/v1')

interface PageRef {
  tenantId: string
  accountId: string
  folderId: FolderId
  id: string
}

const context = (ref: PageRef, column: MetaColumn) =>
  ['meta-page/v1', ref.tenantId, ref.accountId, ref.folderId, ref.id, column] as const

/** Seals one column of a page: compressed first, then bound to page and column. */
export const sealColumn = (key: Buffer, ref: PageRef, name: MetaColumn, column: Column): Buffer =>
  seal(key, squeeze(packColumn(column)), context(ref, name))

/** Opens what `sealColumn` made. Throws a Fault when it was altered or belongs elsewhere. */
export const openColumn = (key: Buffer, ref: PageRef, name: MetaColumn, sealed: Buffer): Column =>
  unpackColumn(unsqueeze(open(key, sealed, context(ref, name))))

/**
 * Stores a page of metadata that was just read from rows, under the folder's lock. Returns its id; null when a message of it went meanwhile,
 * or stands in another page already.
 */
export async function storePage(
  s: MailSession,
  key: Buffer,
  folderId: FolderId,
  uids: Uint32Array,
  columns: ReadonlyMap<MetaColumn, Column>,
): Promise<string | null> {
  const at = { tenantId: s.tenantId, accountId: s.accountId, folderId }
  const ref = { ...at, id: randomUUID() }
  const sealed = (name: MetaColumn): Buffer => {
    const column = columns.get(name)
    return column ? sealColumn(key, ref, name, column) : Buffer.alloc(0)
  }
  if (!META_COLUMNS.every((name) => columns.has(name))) return null
  const page: NewPage = {
    id: ref.id,
    uids: [...uids],
    envelope: sealed('envelope'),
    bodystructure: sealed('bodystructure'),
    header: sealed('header'),
    preview: sealed('preview'),
  }
  const [, stored] = await s.db.pipeline(s.tenantId, (sql) => [lockFolderRow(sql, at), insertPage(sql, at, page)])
  return stored.length > 0 ? ref.id : null
}
