import type { Tx } from '#db/client'
import { copyMessages, dropMoved, removeMessages, sizeOf, updateFlags } from '#db/mail/queries/alter'
import { countAttempt, forgetIntakeChanges, selectWaiting, takeWaiting } from '#db/mail/queries/intake'
import { announce } from '#db/mail/queries/message'
import { isRemembered, type MemoryKey, rememberKey } from '#db/mail/queries/script'
import { DAY_MS } from '#lib/clock'
import { keyedHash } from '#lib/crypto/hash'
import { Fault } from '#lib/errors'
import type { AccountId, FolderId, TenantId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import { FLAG, type Memory, type Waiting } from '#mailcore/ports'
import { openEnvelope } from '#mailcore/store/sealing'
import { flagWord, folderAt, lockAll, type MailSession, noFolder } from '#mailcore/store/session'

/** What waits for the account's script, oldest first, with the envelope it came with. */
export async function listWaiting(s: MailSession, limit: number): Promise<Waiting[]> {
  const rows = await s.db.withTenant(s.tenantId, (tx) => selectWaiting(tx, s, limit))
  return rows.map(({ folderId, uid, attempts, arrivedAt, ...row }) => {
    const ref = { tenantId: s.tenantId, accountId: s.accountId, emailId: row.emailId }
    try {
      const { sender, recipients } = openEnvelope(s.keys.opener, ref, row.wrappedKey, row.envelopeSealed)
      return { folderId, uid, sender, recipients, attempts, arrivedAt }
    } catch {
      // Damaged: shown as one that was tried often enough, so that it is filed unfiltered and holds up nothing behind it.
      return { folderId, uid, sender: '', recipients: [], attempts: LIMITS.filterAttempts, arrivedAt }
    }
  })
}

export const failedWaiting = (s: MailSession, waiting: Waiting): Promise<number> =>
  s.db.withTenant(s.tenantId, (tx) =>
    countAttempt(tx, { tenantId: s.tenantId, accountId: s.accountId, uid: waiting.uid }),
  )

const memoryKey = (s: MailSession, kind: MemoryKey['kind'], key: string): MemoryKey => ({
  kind,
  keyHash: keyedHash(s.keys.nameHashKey, `sieve-${kind}`, key),
})

export const isKnown = (s: MailSession, kind: MemoryKey['kind'], key: string): Promise<boolean> =>
  s.db.withTenant(s.tenantId, (tx) => isRemembered(tx, s, memoryKey(s, kind, key), new Date()))

export const remember = (s: MailSession, kind: MemoryKey['kind'], key: string, expiresAt: Date): Promise<boolean> =>
  s.db.withTenant(s.tenantId, (tx) =>
    rememberKey(
      tx,
      s,
      { ...memoryKey(s, kind, key), expiresAt },
      { now: new Date(), renew: false, most: LIMITS.memoriesPerAccount },
    ),
  )

interface Target {
  folderId: FolderId
  flags: string[]
}

/** Files a waiting message in one commit; see ports.AccountScripts. The row in intake is what makes it happen once: whoever deletes it files. */
export async function fileWaiting(
  s: MailSession,
  waiting: Waiting,
  into: readonly { path: string; flags: readonly string[] }[],
  memories: readonly Memory[] = [],
): Promise<boolean> {
  const { folderId: intakeId, uid } = waiting
  return s.db.withTenant(s.tenantId, async (tx) => {
    const targets = await findTargets(tx, s, into)
    const { mailbox, folders } = await lockAll(tx, s, [intakeId, ...targets.map((target) => target.folderId)])
    const intake = folders.get(intakeId)
    // Gone with the mailbox's own lock held: another worker has filed it.
    if (!intake || !(await takeWaiting(tx, { ...s, folderId: intakeId, uid }))) return false
    const at = { tenantId: s.tenantId, accountId: s.accountId, folderId: intakeId, modseq: intake.modseq + 1 }
    if (targets.length === 0) await discard(tx, at, uid, mailbox.recoverDays)
    else {
      const { bytes } = await sizeOf(tx, { ...at, uids: [uid] })
      // The first copy takes the room that the message has now; a mailbox over its quota can so still be filed into.
      if (targets.length > 1 && mailbox.usedBytes + bytes * (targets.length - 1) > mailbox.quotaBytes)
        throw new Fault('OVER_QUOTA', 'The mailbox has no room for all copies that its script wants.')
      let document = mailbox.nextDocument
      for (const target of targets) {
        const to = folders.get(target.folderId)
        if (!to) throw noFolder()
        await land(tx, s, { intakeId, uid, to, flags: target.flags, document: document++ })
      }
      await dropMoved(tx, { ...at, uids: [uid] })
    }
    await forgetIntakeChanges(tx, { tenantId: s.tenantId, folderId: intakeId })
    for (const { key, expiresAt, renew } of memories)
      await rememberKey(
        tx,
        s,
        { ...memoryKey(s, 'duplicate', key), expiresAt },
        { now: new Date(), renew, most: LIMITS.memoriesPerAccount },
      )
    return true
  })
}

/** The folders named, each once: two paths of one folder are one message with the flags of both (RFC 5228 2.10.3). */
async function findTargets(
  tx: Tx,
  s: MailSession,
  into: readonly { path: string; flags: readonly string[] }[],
): Promise<Target[]> {
  const targets = new Map<FolderId, Target>()
  for (const { path, flags } of into) {
    const { id } = await folderAt(tx, s, path)
    const known = targets.get(id)
    if (known) known.flags.push(...flags)
    else targets.set(id, { folderId: id, flags: [...flags] })
  }
  return [...targets.values()]
}

/** Puts a copy into a locked folder. */
async function land(
  tx: Tx,
  s: MailSession,
  at: {
    intakeId: FolderId
    uid: number
    to: { id: FolderId; uidNext: number; modseq: number }
    flags: string[]
    document: number
  },
): Promise<void> {
  const { to } = at
  const modseq = to.modseq + 1
  const here = { tenantId: s.tenantId, accountId: s.accountId, folderId: to.id, modseq }
  const bits = await flagsIn(tx, s, to.id, at.flags)
  const landed = await copyMessages(tx, {
    ...here,
    folderId: at.intakeId,
    toId: to.id,
    firstUid: to.uidNext,
    firstDocument: at.document,
    uids: [at.uid],
    bits: [],
  })
  const uids = landed.map((one) => one.uid)
  // In the modseq of its arrival: nobody has seen it without its flags.
  if (bits !== 0) await updateFlags(tx, { ...here, uids, unseenChange: -(bits & FLAG.seen) }, { action: 'set', bits })
  await announce(tx, { ...here, kind: 'added' }, uids)
}

/** The flag word; what the folder's keywords have no room for is left out, since a flag is no reason to keep mail waiting. */
async function flagsIn(tx: Tx, s: MailSession, folderId: FolderId, flags: readonly string[]): Promise<number> {
  try {
    return await flagWord(tx, s, folderId, flags, { create: true })
  } catch (error) {
    if (!(error instanceof Fault && error.code === 'LIMIT')) throw error
    return flagWord(tx, s, folderId, flags, { create: false })
  }
}

/** Deleted by its owner's script: recoverable like any deleted mail. */
async function discard(
  tx: Tx,
  at: { tenantId: TenantId; accountId: AccountId; folderId: FolderId; modseq: number },
  uid: number,
  recoverDays: number,
): Promise<void> {
  const now = new Date()
  const purgeAt = recoverDays > 0 ? new Date(now.getTime() + recoverDays * DAY_MS) : null
  await removeMessages(tx, { ...at, uids: [uid], onlyDeleted: false, now, purgeAt })
}
