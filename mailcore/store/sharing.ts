import {
  ANYONE,
  deleteGrant,
  mailboxExists,
  putUrlKey,
  type SharedRow,
  selectGrants,
  selectSharedWith,
  selectUrlKey,
  setSharedSubscription,
  upsertGrant,
} from '#db/mail/queries/grant'
import { newKey, open, seal } from '#lib/crypto/aead'
import { Fault } from '#lib/errors'
import type { AccountId, FolderId, TenantId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import type { FolderSharing, Grant, SharedFolder } from '#mailcore/ports'
import { readAnnotations, writeAnnotations } from '#mailcore/store/annotations'
import { folderOf, isHidden, lockFolder, type MailSession, noFolder } from '#mailcore/store/session'

/** What the account shares, sees of others, and annotates; see ports.FolderSharing. */
export function sharingOf(s: () => MailSession): FolderSharing {
  return {
    grants: (folder) => listGrants(s(), folder),
    setGrant: (folder, grant, owner) => setGrant(s(), folder, grant, owner),
    sharedWithMe: () => listShared(s()),
    rightsOn: (folder) => rightsOn(s(), folder),
    subscribeShared: (folder, subscribed) => subscribeShared(s(), folder, subscribed),
    annotations: (folder) => readAnnotations(s(), folder),
    setAnnotations: (folder, changes) => writeAnnotations(s(), folder, changes),
    urlKey: (folder, reset = false) => urlKey(s(), folder, reset),
  }
}

const RIGHTS = 'aeiklprstwx'

/** The letters of `rights` that are rights, each once, in order; throws BAD_REQUEST for any other. */
function canonicalRights(rights: string): string {
  if ([...rights].some((letter) => !RIGHTS.includes(letter)))
    throw new Fault('BAD_REQUEST', `Rights are letters among ${RIGHTS}.`)
  return union([rights])
}

const union = (all: readonly string[]): string =>
  [...RIGHTS].filter((letter) => all.some((rights) => rights.includes(letter))).join('')

const granteeContext = (tenant: TenantId, folder: FolderId, grantee: AccountId) =>
  ['grantee/v1', tenant, folder, grantee] as const
// Bound to the folder and not to one grantee: a subscriber's own row takes it over from the one for anyone.
const ownerContext = (tenant: TenantId, folder: FolderId) => ['grant-owner/v1', tenant, folder] as const

async function listGrants(s: MailSession, folderId: FolderId): Promise<Grant[]> {
  const rows = await s.db.withTenant(s.tenantId, async (tx) => {
    await folderOf(tx, s, folderId)
    return selectGrants(tx, { tenantId: s.tenantId, folderId })
  })
  const key = rows.length > 0 ? await s.tenantKey() : Buffer.alloc(0)
  return rows.map(({ granteeId, rights, granteeSealed }) => {
    if (granteeId === ANYONE) return { grantee: 'anyone', rights }
    const address = open(key, granteeSealed, granteeContext(s.tenantId, folderId, granteeId)).toString()
    return { grantee: { accountId: granteeId, address }, rights }
  })
}

async function setGrant(s: MailSession, folderId: FolderId, grant: Grant, owner: string): Promise<void> {
  const rights = canonicalRights(grant.rights)
  const { grantee } = grant
  const granteeId = grantee === 'anyone' ? ANYONE : grantee.accountId
  const key = await s.tenantKey()
  await s.db.withTenant(s.tenantId, async (tx) => {
    const at = { tenantId: s.tenantId, folderId }
    // Locked, so that two sessions together cannot pass the ceiling.
    const folder = await lockFolder(tx, s, folderId)
    if (isHidden(folder)) throw noFolder()
    if (granteeId === s.accountId) throw new Fault('BAD_REQUEST', 'The owner of a folder has every right on it anyway.')
    if (rights === '') return deleteGrant(tx, at, granteeId)
    if (grantee !== 'anyone' && !(await mailboxExists(tx, { tenantId: s.tenantId, accountId: granteeId })))
      throw new Fault('NOT_FOUND', 'There is nobody of this address to share with.')
    const others = (await selectGrants(tx, at)).filter((row) => row.granteeId !== granteeId)
    if (others.length >= LIMITS.grantsPerFolder)
      throw new Fault('LIMIT', `A folder is shared with at most ${LIMITS.grantsPerFolder} people.`)
    const address = grantee === 'anyone' ? '' : grantee.address
    await upsertGrant(tx, at, {
      granteeId,
      ownerId: s.accountId,
      rights,
      granteeSealed: seal(key, Buffer.from(address), granteeContext(s.tenantId, folderId, granteeId)),
      ownerSealed: seal(key, Buffer.from(owner), ownerContext(s.tenantId, folderId)),
    })
  })
}

async function listShared(s: MailSession): Promise<SharedFolder[]> {
  const rows = await s.db.withTenant(s.tenantId, (tx) => selectSharedWith(tx, s))
  if (rows.length === 0) return []
  const key = await s.tenantKey()
  const byFolder = new Map<FolderId, SharedRow[]>()
  for (const row of rows) byFolder.set(row.folderId, [...(byFolder.get(row.folderId) ?? []), row])
  return [...byFolder].flatMap(([folderId, grants]) => {
    const rights = union(grants.map((grant) => grant.rights))
    const [first] = grants
    if (!first || rights === '') return []
    return {
      ownerId: first.ownerId,
      ownerAddress: open(key, first.ownerSealed, ownerContext(s.tenantId, folderId)).toString(),
      folderId,
      rights,
      subscribed: grants.some((grant) => grant.granteeId === s.accountId && grant.subscribed),
    }
  })
}

/** Read anew each time, from the same transaction log as any change: a right taken away is gone with the commit that took it. */
async function rightsOn(s: MailSession, folderId: FolderId): Promise<string> {
  const rows = await s.db.withTenant(s.tenantId, (tx) =>
    selectSharedWith(tx, { tenantId: s.tenantId, accountId: s.accountId, folderId }),
  )
  return union(rows.map((row) => row.rights))
}

async function subscribeShared(s: MailSession, folderId: FolderId, subscribed: boolean): Promise<void> {
  const key = await s.tenantKey()
  const granteeId = s.accountId
  await s.db.withTenant(s.tenantId, async (tx) => {
    const rows = await selectSharedWith(tx, { tenantId: s.tenantId, accountId: s.accountId, folderId })
    if (union(rows.map((row) => row.rights)) === '') throw noFolder()
    // Our own address is not known here; the row shows it to nobody while it holds no right, and the owner's next grant writes it.
    const granteeSealed = seal(key, Buffer.alloc(0), granteeContext(s.tenantId, folderId, granteeId))
    await setSharedSubscription(tx, { tenantId: s.tenantId, folderId, granteeId, granteeSealed }, subscribed)
  })
}

async function urlKey(s: MailSession, folderId: FolderId, reset: boolean): Promise<Buffer> {
  const context = ['url-key/v1', s.tenantId, s.accountId, folderId] as const
  const at = { tenantId: s.tenantId, accountId: s.accountId, folderId }
  const sealed = await s.db.withTenant(s.tenantId, async (tx) => {
    const known = reset ? null : await selectUrlKey(tx, at)
    return known ?? (await putUrlKey(tx, at, seal(s.keys.nameKey, newKey(), context), reset))
  })
  if (!sealed) throw noFolder()
  return open(s.keys.nameKey, sealed, context)
}
