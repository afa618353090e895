import { LIMITS } from '#lib/limits'
import { FLAG, type FolderView } from '#mailcore/ports'
import { type Command, ok } from '../command'
import { type MailboxRef, openMailbox } from '../mailboxes'
import type { Session } from '../session'
import type { Cursor } from '../wire/cursor'
import { formatMailbox } from '../wire/format'
import { readMailbox } from './name'

const ITEMS = [
  'MESSAGES',
  'UIDNEXT',
  'UIDVALIDITY',
  'UNSEEN',
  'DELETED',
  'SIZE',
  'RECENT',
  'HIGHESTMODSEQ',
  'MAILBOXID',
  'APPENDLIMIT',
  'DELETED-STORAGE',
] as const

export type StatusItem = (typeof ITEMS)[number]

/** The items of STATUS in parentheses, each once, in the order asked (RFC 9051 section 9; RFC 7162, 7889, 8474, 9208). */
export function readStatusItems(cursor: Cursor): StatusItem[] {
  const items = cursor.list(() => {
    const word = cursor.word()
    return ITEMS.find((item) => item === word) ?? cursor.fail('Unknown status item')
  })
  if (items.length === 0) cursor.fail('A status item was expected')
  return [...new Set(items)]
}

/** RFC 9051 6.3.11 */
export const status: Command = {
  states: ['signed-in', 'selected'],
  tells: 'all',
  parse: (cursor) => {
    cursor.space()
    const name = readMailbox(cursor)
    cursor.space()
    const items = readStatusItems(cursor)
    return async (session) => {
      const ref = await openMailbox(session, name, 'r')
      wakeCondstore(session, items)
      session.untagged(await statusLine(session, ref, items))
      return ok('Status')
    }
  },
}

/** Asking for HIGHESTMODSEQ enables CONDSTORE (RFC 7162 3.1). */
export function wakeCondstore(session: Session, items: readonly StatusItem[]): void {
  if (!items.includes('HIGHESTMODSEQ') || session.keepsModseq) return
  session.enabled.add('CONDSTORE')
  if (session.selected)
    session.untagged(
      `OK [HIGHESTMODSEQ ${session.selected.view.folder.highestModseq}] Mod-sequences are told from now on`,
    )
}

/** The STATUS response of a mailbox, without its asterisk. Only what is deleted must be counted; all else stands in the folder's row. */
export async function statusLine(session: Session, ref: MailboxRef, items: readonly StatusItem[]): Promise<string> {
  const counts = items.some((item) => item === 'DELETED' || item === 'DELETED-STORAGE')
  const deleted = counts ? await deletedIn(ref) : { messages: 0, bytes: 0 }
  const values = items.map((item) => `${item} ${itemValue(ref, item, deleted)}`)
  return `STATUS ${formatMailbox(ref.name, session.wide)} (${values.join(' ')})`
}

interface Deleted {
  messages: number
  bytes: number
}

function itemValue({ folder }: MailboxRef, item: StatusItem, deleted: Deleted): number | bigint | string {
  switch (item) {
    case 'MESSAGES':
      return folder.messages
    case 'UIDNEXT':
      return folder.uidNext
    case 'UIDVALIDITY':
      return folder.uidValidity
    case 'UNSEEN':
      return folder.unseen
    case 'DELETED':
      return deleted.messages
    case 'DELETED-STORAGE':
      return deleted.bytes
    case 'SIZE':
      return folder.size
    case 'RECENT':
      return 0
    case 'HIGHESTMODSEQ':
      return folder.highestModseq
    case 'MAILBOXID':
      return `(${folder.id})`
    case 'APPENDLIMIT':
      return LIMITS.messageBytes
  }
}

async function deletedIn({ store, folder }: MailboxRef): Promise<Deleted> {
  if (folder.messages === 0) return { messages: 0, bytes: 0 }
  const known = store.knownView(folder.id)
  const view = known?.folder.highestModseq === folder.highestModseq ? known : await store.view(folder.id)
  return countDeleted(view)
}

function countDeleted({ flags, sizes }: FolderView): Deleted {
  const deleted = { messages: 0, bytes: 0 }
  for (let i = 0; i < flags.length; i++) {
    if (((flags[i] ?? 0) & FLAG.deleted) === 0) continue
    deleted.messages++
    deleted.bytes += sizes[i] ?? 0
  }
  return deleted
}
