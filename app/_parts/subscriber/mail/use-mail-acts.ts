'use client'
import { useQueryClient } from '@tanstack/react-query'
import type { MessageLine } from '#server/services/mail/line'
import type { FolderView } from '#server/services/mail/list-folders'
import { refusalOf, useTRPC, useTRPCClient } from '../../../_trpc/client'
import { useToast } from '../../../_ui'
import { folderWords } from './paths'
import { type ListData, listKey } from './use-mailbox'

type Marks = { seen?: boolean; flagged?: boolean; answered?: boolean }

/** How many messages of the target folder are looked through for one to be brought back. */
const UNDO_READ = 50

/**
 * What can be done with messages of a folder. The list changes at once and goes back when the server refuses; each act that takes a
 * message away offers the way back.
 */
export function useMailActs(folder: string, folders: readonly FolderView[]) {
  const client = useTRPCClient()
  const trpc = useTRPC()
  const queries = useQueryClient()
  const say = useToast()
  const pathOf = (use: FolderView['specialUse']) => folders.find((one) => one.specialUse === use)?.path
  const labelOf = (path: string) => {
    const found = folders.find((one) => one.path === path)
    return found ? folderWords(found).label : path
  }

  async function refresh(...paths: string[]) {
    await Promise.all([
      queries.invalidateQueries({ queryKey: trpc.dashboard.mail.folders.queryKey() }),
      ...paths.map((path) => queries.invalidateQueries({ queryKey: listKey(path) })),
    ])
  }

  /** Shows a list without waiting; the answer puts it back. */
  function show(change: (lines: MessageLine[]) => MessageLine[]): () => void {
    const key = listKey(folder)
    const before = queries.getQueryData<ListData>(key)
    void queries.cancelQueries({ queryKey: key })
    queries.setQueryData<ListData>(key, (data) =>
      data ? { ...data, pages: data.pages.map((page) => ({ ...page, items: change(page.items) })) } : data,
    )
    return () => queries.setQueryData(key, before)
  }

  function fail(error: unknown, what: string, back: () => void) {
    back()
    say({ text: `${what} ${refusalOf(error).text} Nothing was lost.`, bad: true })
  }

  async function mark(uids: readonly number[], marks: Marks) {
    const chosen = new Set(uids)
    const back = show((lines) => lines.map((line) => (chosen.has(line.uid) ? { ...line, ...marks } : line)))
    try {
      await client.dashboard.mail.setFlags.mutate({ folder, uids: [...uids], marks })
      await refresh(folder)
    } catch (error) {
      fail(error, 'The mark was not kept.', back)
    }
  }

  async function bringBack(line: MessageLine, from: string) {
    try {
      const { items } = await client.dashboard.mail.list.query({ folder: from, limit: UNDO_READ })
      const found = items.find((one) => one.emailId === line.emailId)
      if (!found) throw new Error('moved on')
      await client.dashboard.mail.move.mutate({ folder: from, uids: [found.uid], to: folder })
      await refresh(folder, from)
    } catch {
      say({ text: `It could not be moved back; it is in ${labelOf(from)}.`, bad: true })
    }
  }

  async function move(line: MessageLine, to: string) {
    const back = show((lines) => lines.filter((one) => one.uid !== line.uid))
    try {
      await client.dashboard.mail.move.mutate({ folder, uids: [line.uid], to })
      say({ text: `Moved to ${labelOf(to)}.`, undo: () => bringBack(line, to) })
      await refresh(folder, to)
    } catch (error) {
      fail(error, 'The message was not moved.', back)
    }
  }

  async function recover(line: MessageLine) {
    try {
      await client.dashboard.mail.recover.mutate({ emailIds: [line.emailId], to: folder })
      await refresh(folder)
    } catch {
      say({ text: 'It could not be brought back here. Look under Deleted mail in your account.', bad: true })
    }
  }

  async function remove(line: MessageLine) {
    const trash = pathOf('trash')
    const back = show((lines) => lines.filter((one) => one.uid !== line.uid))
    try {
      const { trashed } = await client.dashboard.mail.delete.mutate({ folder, uids: [line.uid] })
      if (trashed > 0 && trash) say({ text: 'Moved to Trash.', undo: () => bringBack(line, trash) })
      else say({ text: 'Deleted from the trash.', undo: () => recover(line) })
      await refresh(folder, ...(trash ? [trash] : []))
    } catch (error) {
      fail(error, 'The message was not deleted.', back)
    }
  }

  return { mark, move, remove, refresh, archive: pathOf('archive'), pathOf, labelOf }
}

export type MailActs = ReturnType<typeof useMailActs>
