import { open, seal } from '#lib/crypto/aead'
import { keyedHash } from '#lib/crypto/hash'
import { Fault } from '#lib/errors'
import type { AccountId, FolderId, TenantId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import type { MailboxKeys } from '#mailcore/keys/service'
import type { SpecialUse } from '#mailcore/ports'

/** Folders every mailbox has, with their special use (RFC 6154). */
export const STANDARD_FOLDERS: readonly (readonly [path: string, use: SpecialUse])[] = [
  ['INBOX', 'inbox'],
  ['Drafts', 'drafts'],
  ['Sent', 'sent'],
  ['Junk', 'junk'],
  ['Trash', 'trash'],
  ['Archive', 'archive'],
]

/** The name of the hidden folder of quarantine: a NUL stands in no name a client can give (see canonicalPath). */
export const QUARANTINE_NAME = '\u0000quarantine'

interface Owner {
  tenantId: TenantId
  accountId: AccountId
}

/** A path as it is stored: NFC, INBOX in capitals, no empty level. Throws BAD_REQUEST for what cannot be a folder's name. */
export function canonicalPath(path: string): string {
  const levels = path.normalize('NFC').split('/')
  if (levels[0]?.toUpperCase() === 'INBOX') levels[0] = 'INBOX'
  const canonical = levels.join('/')
  const unfit = levels.some((level) => level === '' || level === '.' || level === '..')
  // The namespace in which IMAP shows what others share (RFC 2342).
  if (levels[0]?.toLowerCase() === 'other users')
    throw new Fault('BAD_REQUEST', 'Folders below "Other Users" belong to others. Choose another name.')
  if (unfit || /[\p{Cc}*%]/u.test(canonical) || Buffer.byteLength(canonical) > LIMITS.folderPathBytes) {
    throw new Fault(
      'BAD_REQUEST',
      'A folder name has 1 to 500 bytes, no empty level between slashes, no control characters, no * or %.',
    )
  }
  return canonical
}

/** What a folder's name is found by. */
export const hashPath = (keys: MailboxKeys, path: string): Buffer => keyedHash(keys.nameHashKey, 'folder', path)

/** Seals a folder's path, bound to the folder. */
export const sealPath = (keys: MailboxKeys, owner: Owner, folder: FolderId, path: string): Buffer =>
  seal(keys.nameKey, Buffer.from(path), ['folder/v1', owner.tenantId, owner.accountId, folder])

/** Opens a folder's path. */
export const openPath = (keys: MailboxKeys, owner: Owner, folder: FolderId, sealed: Buffer): string =>
  open(keys.nameKey, sealed, ['folder/v1', owner.tenantId, owner.accountId, folder]).toString()

/** Keywords are compared without regard to case (RFC 9051 2.3.2). */
export const hashKeyword = (keys: MailboxKeys, name: string): Buffer =>
  keyedHash(keys.nameHashKey, 'keyword', name.toLowerCase())

export const sealKeyword = (keys: MailboxKeys, owner: Owner, folder: FolderId, name: string): Buffer =>
  seal(keys.nameKey, Buffer.from(name), ['keyword/v1', owner.tenantId, owner.accountId, folder])

export const openKeyword = (keys: MailboxKeys, owner: Owner, folder: FolderId, sealed: Buffer): string =>
  open(keys.nameKey, sealed, ['keyword/v1', owner.tenantId, owner.accountId, folder]).toString()
