import type { Databases } from '#db/client'
import { type Finding, findViolations, selectBodiesAfter, selectMetaOf } from '#db/mail/queries/check'
import { selectAllFolders } from '#db/mail/queries/folder'
import type { AccountId, EmailId, FolderId, RegionId, TenantId } from '#lib/ids'
import type { KeyService } from '#mailcore/keys/service'
import { checkPages } from '#mailcore/store/check-pages'
import { openBody, openMeta } from '#mailcore/store/sealing'
import { keywordsOf, mailSession, toFolder } from '#mailcore/store/session'

export interface MailboxReport {
  /** Violated invariants, each with the id of the row; empty when all is well. */
  problems: Finding[]
  folders: number
  messages: number
  bodies: number
}

const BATCH = 200

/**
 * Recounts every invariant of one mailbox and opens every name, body and metadata row in it. Nothing it opens leaves the process.
 * Meant for a mailbox at rest: SQL's part sees one moment, the opening of bodies goes on while others write.
 */
export async function checkMailbox(
  parts: { db: Databases; keys: KeyService },
  account: { tenantId: TenantId; accountId: AccountId; region: RegionId },
): Promise<MailboxReport> {
  const session = mailSession(
    parts.db,
    account,
    await parts.keys.mailboxKeys(account.tenantId, account.accountId),
    () => parts.keys.tenantKey(account.tenantId),
  )
  const report: MailboxReport = { problems: [], folders: 0, messages: 0, bodies: 0 }
  const folders: FolderId[] = []
  await session.db.withTenant(account.tenantId, async (tx) => {
    report.problems.push(...(await findViolations(tx, account)))
    for (const row of await selectAllFolders(tx, account)) {
      report.folders++
      folders.push(row.id)
      report.messages += row.messages
      try {
        toFolder(session, row)
        await keywordsOf(tx, session, row.id)
      } catch {
        report.problems.push({ kind: 'I-D3 name does not open', id: row.id })
      }
    }
  })
  for (const folder of folders) report.problems.push(...(await checkPages(session, folder)))
  let after: EmailId | null = null
  for (;;) {
    const at: EmailId | null = after
    const { bodies, metas } = await session.db.withTenant(account.tenantId, async (tx) => {
      const found = await selectBodiesAfter(tx, { ...account, after: at, limit: BATCH })
      return { bodies: found, metas: await selectMetaOf(tx, { ...account, emails: found.map((b) => b.emailId) }) }
    })
    const sizes = new Map<EmailId, number>()
    for (const body of bodies) {
      report.bodies++
      try {
        sizes.set(
          body.emailId,
          openBody(session.keys.opener, { ...account, emailId: body.emailId }, body.wrappedKey, body.sealed).length,
        )
      } catch {
        report.problems.push({ kind: 'I-D3 body does not open', id: body.emailId })
      }
    }
    for (const meta of metas) {
      try {
        openMeta(session.keys.opener, { ...account, emailId: meta.emailId }, meta.wrappedKey, meta.sealed)
      } catch {
        report.problems.push({ kind: 'I-D3 metadata does not open', id: `${meta.folderId}/${meta.uid}` })
      }
      const size = sizes.get(meta.emailId)
      if (size !== undefined && size !== meta.size)
        report.problems.push({ kind: 'I-U5 size differs from the body', id: `${meta.folderId}/${meta.uid}` })
    }
    after = bodies.at(-1)?.emailId ?? null
    if (bodies.length < BATCH) return report
  }
}
