import type { Databases } from '#db/client'
import { insertFolders } from '#db/mail/queries/folder'
import {
  deleteMailbox,
  deleteQueued,
  insertMailbox,
  purgeExpired,
  selectUsage,
  updateMailboxRow,
} from '#db/mail/queries/provision'
import { type AccountId, type FolderId, newId, type RegionId, type TenantId } from '#lib/ids'
import type { KeyService } from '#mailcore/keys/service'
import { hashPath, QUARANTINE_NAME, STANDARD_FOLDERS, sealPath } from '#mailcore/store/folder-names'

interface AccountRef {
  tenantId: TenantId
  accountId: AccountId
  region: RegionId
}

/** Makes the mailbox row, the standard folders and the hidden one of quarantine in one commit. A second call finds them and changes nothing. */
export async function provisionMailbox(
  parts: { db: Databases; keys: KeyService },
  account: AccountRef,
  settings: { quotaBytes: number; recoverDays: number },
): Promise<void> {
  const keys = await parts.keys.mailboxKeys(account.tenantId, account.accountId)
  const uidValidity = Math.floor(Date.now() / 1000)
  const folders = [...STANDARD_FOLDERS, [QUARANTINE_NAME, 'quarantine'] as const].map(([path, specialUse], i) => {
    const id = newId<FolderId>()
    return {
      tenantId: account.tenantId,
      accountId: account.accountId,
      id,
      nameHash: hashPath(keys, path),
      nameSealed: sealPath(keys, account, id, path),
      specialUse,
      uidValidity: uidValidity + i,
    }
  })
  const inboxId = folders[0]?.id
  if (inboxId === undefined) return
  await parts.db.mail(account.region).withTenant(account.tenantId, async (tx) => {
    const made = await insertMailbox(tx, {
      ...account,
      ...settings,
      inboxId,
      nextUidValidity: uidValidity + folders.length,
    })
    if (made) await insertFolders(tx, folders)
  })
}

export const updateMailbox = (
  db: Databases,
  account: AccountRef,
  settings: { quotaBytes?: number; recoverDays?: number },
): Promise<void> =>
  db.mail(account.region).withTenant(account.tenantId, (tx) => updateMailboxRow(tx, account, settings))

/** Removes an account's mail and waiting mail. Its keys are destroyed first, by the caller: what a crash leaves here is unreadable. */
export async function eraseMailbox(
  db: Databases,
  account: AccountRef,
): Promise<{ messages: number; bytes: number; queued: number }> {
  const mail = db.mail(account.region)
  const queued = await deleteQueued(mail, account)
  const gone = await mail.withTenant(account.tenantId, (tx) => deleteMailbox(tx, account))
  return { ...gone, queued }
}

/** Deleted messages removed in one transaction: bounds its locks and its length. */
const PURGE_BATCH = 500

/** Removes the deleted messages of a tenant whose days are over; returns how many. */
export async function purgeDeleted(db: Databases, tenant: TenantId, region: RegionId, now: Date): Promise<number> {
  let total = 0
  for (;;) {
    const gone = await db.mail(region).withTenant(tenant, (tx) => purgeExpired(tx, tenant, now, PURGE_BATCH))
    total += gone
    if (gone < PURGE_BATCH) return total
  }
}

export async function usageOf(
  db: Databases,
  tenant: TenantId,
  region: RegionId,
): Promise<Map<AccountId, { usedBytes: number; messages: number }>> {
  const rows = await db.mail(region).withTenant(tenant, (tx) => selectUsage(tx, tenant))
  return new Map(rows.map(({ accountId, usedBytes, messages }) => [accountId, { usedBytes, messages }]))
}
