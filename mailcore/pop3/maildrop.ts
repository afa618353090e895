import type { FolderView, MailStore } from '#mailcore/ports'

/**
 * The INBOX as one session sees it: the messages of the moment of sign-in, numbered from 1, in an order and with numbers that stay
 * (RFC 1939 section 4). What another session removes meanwhile keeps its number and is gone when asked for; what comes is for the next session.
 */
export interface Maildrop {
  readonly view: FolderView
  /** Messages and octets that are not marked as deleted. */
  totals(): { messages: number; octets: number }
  /** The index of a message that is there and not marked; -1 for no such number. `text` is the client's. */
  find(text: string): number
  isDeleted(index: number): boolean
  /** RFC 1939 section 7: stable over sessions, as uid and uidvalidity are (RFC 9051 2.3.1.1); 1 to 21 characters of the 70 allowed. */
  uniqueId(index: number): string
  markDeleted(index: number): void
  unmarkAll(): void
  /** Ascending uids of what QUIT removes. */
  doomed(): number[]
}

export async function openMaildrop(store: MailStore): Promise<Maildrop> {
  const inbox = await store.folder('INBOX')
  return maildropOf(await store.view(inbox.id))
}

function maildropOf(view: FolderView): Maildrop {
  const { uids, sizes } = view
  const deleted = new Set<number>()
  const octetsOfAll = sizes.reduce((sum, size) => sum + size, 0)
  let octetsDeleted = 0
  return {
    view,
    totals: () => ({ messages: uids.length - deleted.size, octets: octetsOfAll - octetsDeleted }),
    find: (text) => {
      if (!/^[0-9]{1,10}$/.test(text)) return -1
      const index = Number(text) - 1
      return index >= 0 && index < uids.length && !deleted.has(index) ? index : -1
    },
    isDeleted: (index) => deleted.has(index),
    uniqueId: (index) => `${view.folder.uidValidity}.${uids[index]}`,
    markDeleted: (index) => {
      if (deleted.has(index)) return
      deleted.add(index)
      octetsDeleted += sizes[index] ?? 0
    },
    unmarkAll: () => {
      deleted.clear()
      octetsDeleted = 0
    },
    doomed: () => [...deleted].sort((a, b) => a - b).map((index) => uids[index] ?? 0),
  }
}
