'use client'
import { type InfiniteData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { MessageLine } from '#server/services/mail/line'
import type { FolderView } from '#server/services/mail/list-folders'
import type { listMessages } from '#server/services/mail/list-messages'
import { useTRPC, useTRPCClient } from '../../../_trpc/client'

/** How often the counts of the folders are asked for while the page is looked at: new mail shows within a second. */
const POLL_MS = 1_000
const PAGE = 50

export type ListPage = Awaited<ReturnType<typeof listMessages>>
export type ListData = InfiniteData<ListPage, string | undefined>
export const listKey = (folder: string) => ['mail-list', folder] as const

/** The folders with their counts, kept fresh while the page is in sight. */
export function useFolders(initialData: FolderView[]) {
  const trpc = useTRPC()
  return useQuery(
    trpc.dashboard.mail.folders.queryOptions(undefined, { initialData, refetchInterval: POLL_MS, staleTime: 0 }),
  )
}

/** A folder's messages, newest first, page by page; read again whenever the counts of the folder change. */
export function useList(folder: string, counts: Pick<FolderView, 'messages' | 'unseen'> | undefined) {
  const client = useTRPCClient()
  const queries = useQueryClient()
  const list = useInfiniteQuery({
    queryKey: listKey(folder),
    queryFn: ({ pageParam }) => client.dashboard.mail.list.query({ folder, after: pageParam, limit: PAGE }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })
  const stamp = counts ? `${folder} ${counts.messages} ${counts.unseen}` : ''
  const seen = useRef(stamp)
  useEffect(() => {
    const before = seen.current
    seen.current = stamp
    // Another folder is read by its own query; only a change of this one is news.
    if (before !== stamp && before.startsWith(`${folder} `))
      void queries.invalidateQueries({ queryKey: listKey(folder) })
  }, [stamp, folder, queries])
  const lines: MessageLine[] = list.data?.pages.flatMap((page) => page.items) ?? []
  return { ...list, lines: unique(lines) }
}

/** A message that moved up while pages were read stands in two of them; it is shown once. */
function unique(lines: readonly MessageLine[]): MessageLine[] {
  const uids = new Set<number>()
  return lines.filter(({ uid }) => {
    if (uids.has(uid)) return false
    uids.add(uid)
    return true
  })
}

/** One message; it never changes, so it is read once. */
export function useMessage(folder: string, uid: number | null) {
  const trpc = useTRPC()
  return useQuery(
    trpc.dashboard.mail.read.queryOptions(
      { folder, uid: uid ?? 1 },
      { enabled: uid !== null, staleTime: Number.POSITIVE_INFINITY },
    ),
  )
}
