'use client'
import type { FolderView } from '#server/services/mail/list-folders'
import { refusalOf } from '../../../_trpc/client'
import { Button, Empty, MessageList, MessageRow, Skeleton } from '../../../_ui'
import { countWords } from '../words'
import { ListTime } from './list-time'
import { folderWords, mailHref } from './paths'
import type { useList } from './use-mailbox'

export type ListPaneProps = {
  folder: FolderView | undefined
  path: string
  uid: number | null
  list: ReturnType<typeof useList>
  /** The server did not answer of late. */
  away: boolean
}

/** Second pane: a folder's messages. */
export function ListPane({ folder, path, uid, list, away }: ListPaneProps) {
  const label = folder ? folderWords(folder).label : path
  const outgoing = folder?.specialUse === 'sent' || folder?.specialUse === 'drafts'
  return (
    <MessageList
      title={label}
      sub={away ? 'Not connected, trying again' : folder ? countsOf(folder) : null}
      composeHref={mailHref(path, uid, 'new')}
      empty={instead(path, label, list)}
      foot={list.hasNextPage ? <More list={list} /> : undefined}
    >
      {list.lines.map((line) => {
        const person = outgoing ? line.to[0] : line.from
        return (
          <MessageRow
            key={line.uid}
            href={mailHref(path, line.uid)}
            from={`${outgoing ? 'To ' : ''}${person ? person.name || person.address : 'unknown'}`}
            subject={line.subject || 'No subject'}
            snippet={line.preview}
            time={<ListTime at={line.receivedAt} />}
            unread={!line.seen}
            flagged={line.flagged}
            answered={line.answered}
            attachment={line.hasAttachment}
            open={line.uid === uid}
          />
        )
      })}
    </MessageList>
  )
}

const countsOf = ({ unseen, messages }: FolderView): string =>
  unseen > 0 ? `${unseen} unread` : countWords(messages, 'message', 'messages')

function More({ list }: { list: ListPaneProps['list'] }) {
  return (
    <Button size="s" kind="quiet" wide busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
      Older messages
    </Button>
  )
}

const EMPTY: Readonly<Record<string, { title: string; text: string }>> = {
  Inbox: { title: 'Nothing here', text: 'New mail appears within a second of its arrival.' },
  Trash: {
    title: 'The trash is empty',
    text: 'What you delete lies here first. Deleted from here, it stays recoverable for your own number of days.',
  },
  Sent: { title: 'Nothing sent yet', text: 'A copy of each message you send will be here.' },
  Drafts: { title: 'No drafts', text: 'Drafts that a mail app saves will be here.' },
}

/** What stands in place of the rows: skeletons, an error, or what will be here. Nothing when there are rows. */
function instead(path: string, label: string, list: ListPaneProps['list']) {
  if (list.lines.length > 0) return undefined
  if (list.isPending) return <Waiting />
  if (list.isError) {
    const { code, text } = refusalOf(list.error)
    const gone = code === 'NOT_FOUND'
    return (
      <Empty
        icon="alert"
        title={gone ? 'There is no such folder' : 'This folder cannot be shown now'}
        text={gone ? `“${path}” may have been renamed or deleted by a mail app.` : `${text} Your mail is where it was.`}
        act={gone ? undefined : <Button onClick={() => void list.refetch()}>Try again</Button>}
      />
    )
  }
  const words = EMPTY[label] ?? { title: 'Nothing here', text: 'Messages you move here will be listed.' }
  return <Empty icon="inbox" {...words} />
}

function Waiting() {
  return (
    <div className="stack p-4" aria-busy="true">
      <span className="vh" role="status">
        Loading messages
      </span>
      {[1, 2, 3, 4, 5, 6, 7, 8].map((n) => (
        <div key={n} className="stack near" aria-hidden="true">
          <Skeleton size={n % 2 ? 'mid' : 'long'} />
          <Skeleton size="full" />
        </div>
      ))}
    </div>
  )
}
