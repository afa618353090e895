import type { AuditView } from '#server/services/audit/view'
import { type AuditGroup, actorOf, deedOf, inGroup } from './audit-words'
import { type Cell, csvOf } from './csv'

type List = (page: { after?: string; limit: number }) => Promise<{ items: AuditView[]; next: string | null }>

const SHOWN = 50
/** Reads for one filtered page: 1,000 lines, then "Next" goes on from there. */
const READS_MOST = 5

/** One page of the lines that fit, newest first. `next` continues after the last line looked at, so nothing is passed over. */
export async function readAudit(
  list: List,
  wanted: { after?: string; group?: AuditGroup; by?: string },
): Promise<{ items: AuditView[]; next: string | null }> {
  const { group, by } = wanted
  const items: AuditView[] = []
  let after = wanted.after
  const filtered = group !== undefined || by !== undefined
  for (let read = 0; read < READS_MOST; read++) {
    const page = await list({ after, limit: filtered ? 200 : SHOWN })
    for (const item of page.items) {
      if (!inGroup(item.action, group) || (by !== undefined && item.actor.kind !== by)) continue
      if (items.length === SHOWN) return { items, next: String(items.at(-1)?.seq) }
      items.push(item)
    }
    if (page.next === null || !filtered) return { items, next: page.next }
    after = page.next
  }
  return { items, next: after ?? null }
}

/** Lines of the ledger as CSV. */
export const auditCsv = (rows: readonly (AuditView & { about: string | null })[]): string =>
  csvOf(
    ['When', 'Who', 'Role', 'What', 'Concerning', 'Reason', 'Outcome', 'Number'],
    rows.map((row): Cell[] => {
      const { name, kind } = actorOf(row)
      return [row.at, name, kind ?? name, deedOf(row), row.about, row.reason, row.outcome, row.seq]
    }),
  )

/**
 * Without the lines that say an act began which, further up, is said to have ended. `items` are newest first. The whole ledger,
 * with both, stands on the audit pages.
 */
export function settled<T extends Pick<AuditView, 'action' | 'outcome' | 'tenantId' | 'accountId'>>(
  items: readonly T[],
): T[] {
  const ended = new Map<string, number>()
  return items.filter(({ action, outcome, tenantId, accountId }) => {
    const key = `${action} ${tenantId} ${accountId}`
    const open = ended.get(key) ?? 0
    if (outcome !== 'intent') {
      ended.set(key, open + 1)
      return true
    }
    if (open === 0) return true
    ended.set(key, open - 1)
    return false
  })
}
