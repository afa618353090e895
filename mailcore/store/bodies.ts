import { readBodies as rowsOf, selectBodies } from '#db/mail/queries/message'
import type { FolderId } from '#lib/ids'
import type { FolderView } from '#mailcore/ports'
import { openBody } from '#mailcore/store/sealing'
import type { MailSession } from '#mailcore/store/session'
import { lowerBound } from '#mailcore/store/view'

/** Messages read in one go: bounds the memory of one FETCH, read-ahead included. */
const GROUP = 128
const GROUP_BYTES = 4 * 1024 * 1024
/** Groups on their way while one is opened and given out: the server is kept busy, and never more than 8 MB wait here. */
const AHEAD = 2

/** See MailStore.bodies. While one group is opened and given out, the next is on its way. */
export async function* readBodies(
  s: MailSession,
  folderId: FolderId,
  uids: ArrayLike<number>,
  view: () => Promise<FolderView>,
): AsyncIterable<{ uid: number; raw: Buffer }> {
  if (uids.length === 0) return
  const groups = uids.length === 1 ? [[uids[0] ?? 0]] : groupsOf(uids, await view())
  const read = (group: readonly number[]) => {
    const at = { tenantId: s.tenantId, folderId, uids: group }
    const reading = s.db.pipeline(s.tenantId, (sql) => [selectBodies(sql, at)])
    // Whoever stops listening half way leaves a read behind that nobody waits for.
    reading.catch(() => undefined)
    return reading
  }
  const ahead = groups.slice(0, AHEAD).map(read)
  for (let i = AHEAD; ; i++) {
    const [rows] = (await ahead.shift()) ?? []
    if (!rows) return
    const next = groups[i]
    if (next) ahead.push(read(next))
    for (const row of rowsOf(rows)) {
      const ref = { tenantId: s.tenantId, accountId: s.accountId, emailId: row.emailId }
      yield { uid: row.uid, raw: openBody(s.keys.opener, ref, row.wrappedKey, row.sealed) }
    }
  }
}

/** Messages in groups small enough to be held open together. */
function groupsOf(uids: ArrayLike<number>, view: FolderView): number[][] {
  const groups: number[][] = []
  let group: number[] = []
  let bytes = 0
  for (let i = 0; i < uids.length; i++) {
    const uid = uids[i] ?? 0
    const at = lowerBound(view.uids, uid)
    if (view.uids[at] !== uid) continue // gone
    const size = view.sizes[at] ?? 0
    if (group.length > 0 && (group.length >= GROUP || bytes + size > GROUP_BYTES)) {
      groups.push(group)
      group = []
      bytes = 0
    }
    group.push(uid)
    bytes += size
  }
  if (group.length > 0) groups.push(group)
  return groups
}
