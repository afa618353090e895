import {
  type AnnotationRow,
  deleteAnnotation,
  selectAnnotations,
  sizeAnnotations,
  upsertAnnotation,
} from '#db/mail/queries/annotation'
import { open, seal } from '#lib/crypto/aead'
import { keyedHash } from '#lib/crypto/hash'
import { Fault } from '#lib/errors'
import type { FolderId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import type { Annotation } from '#mailcore/ports'
import { folderOf, lockAll, type MailSession, noFolder } from '#mailcore/store/session'

// Bound to the hash of the entry's name, since the name itself may hold the sign that joins a context.
const context = (s: MailSession, what: 'entry' | 'value', folderId: FolderId | null, hash: Buffer) =>
  [`annotation-${what}/v1`, s.tenantId, s.accountId, folderId ?? 'account', hash.toString('hex')] as const

const hashOf = (s: MailSession, entry: string): Buffer => keyedHash(s.keys.nameHashKey, 'annotation', entry)

/** Annotations of a folder of ours, or of the account, by entry. */
export async function readAnnotations(
  s: MailSession,
  folderId: FolderId | null,
): Promise<{ entry: string; value: Buffer }[]> {
  const rows = await s.db.withTenant(s.tenantId, async (tx) => {
    if (folderId !== null) await folderOf(tx, s, folderId)
    return selectAnnotations(tx, { tenantId: s.tenantId, accountId: s.accountId, folderId })
  })
  const { nameKey } = s.keys
  return rows
    .map(({ entryHash, entrySealed, valueSealed }) => ({
      entry: open(nameKey, entrySealed, context(s, 'entry', folderId, entryHash)).toString(),
      value: open(nameKey, valueSealed, context(s, 'value', folderId, entryHash)),
    }))
    .sort((a, b) => (a.entry < b.entry ? -1 : 1))
}

/** Sets and deletes annotations in one commit; see ports.FolderSharing. */
export async function writeAnnotations(
  s: MailSession,
  folderId: FolderId | null,
  changes: readonly Annotation[],
): Promise<void> {
  if (changes.length === 0) return
  const rows = changes.map((change) => ({ hash: hashOf(s, change.entry), row: sealed(s, folderId, change) }))
  await s.db.withTenant(s.tenantId, async (tx) => {
    const at = { tenantId: s.tenantId, accountId: s.accountId, folderId }
    // The mailbox is locked, so that sessions together cannot pass the ceilings.
    const { folders } = await lockAll(tx, s, folderId === null ? [] : [folderId])
    if (folderId !== null && !folders.has(folderId)) throw noFolder()
    const before = await sizeAnnotations(tx, at)
    for (const { hash, row } of rows) await (row ? upsertAnnotation(tx, at, row) : deleteAnnotation(tx, at, hash))
    const after = await sizeAnnotations(tx, at)
    // What only shrinks is always allowed.
    if (after.here > LIMITS.annotationsPerFolder && after.here > before.here)
      throw new Fault('LIMIT', `There can be at most ${LIMITS.annotationsPerFolder} annotations here.`)
    if (after.accountBytes > LIMITS.annotationBytesPerAccount && after.accountBytes > before.accountBytes)
      throw new Fault('LIMIT', 'The annotations of this account take too much room together.')
  })
}

function sealed(s: MailSession, folderId: FolderId | null, { entry, value }: Annotation): AnnotationRow | null {
  if (value === null) return null
  if (value.length > LIMITS.annotationValueBytes)
    throw new Fault('LIMIT', `An annotation has at most ${LIMITS.annotationValueBytes} bytes.`)
  if (Buffer.byteLength(entry) > LIMITS.annotationEntryBytes)
    throw new Fault('LIMIT', `An annotation's name has at most ${LIMITS.annotationEntryBytes} bytes.`)
  const entryHash = hashOf(s, entry)
  return {
    entryHash,
    entrySealed: seal(s.keys.nameKey, Buffer.from(entry), context(s, 'entry', folderId, entryHash)),
    valueSealed: seal(s.keys.nameKey, value, context(s, 'value', folderId, entryHash)),
  }
}
