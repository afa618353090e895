'use client'
import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import type { RecoverableLine } from '#server/services/mail/list-recoverable'
import {
  BulkBar,
  Button,
  Card,
  CardFooter,
  CardHeader,
  type Column,
  DataTable,
  Empty,
  Pager,
  TimeText,
  useToast,
} from '../../_ui'
import { useAct } from './use-act'
import { countWords, sizeWords } from './words'

export type RecoverTableProps = {
  items: RecoverableLine[]
  /** Days in force. */
  days: number
  firstHref?: string
  nextHref?: string
}

const COLUMNS: Column<RecoverableLine>[] = [
  {
    key: 'subject',
    header: 'Message',
    cell: ({ subject, from }) => (
      <span className="stack tight">
        <span className="lab">{subject || 'No subject'}</span>
        <span className="hint">{from ? from.name || from.address : 'Unknown sender'}</span>
      </span>
    ),
  },
  {
    key: 'deleted',
    header: 'Deleted',
    phoneLabel: 'Deleted',
    cell: ({ deletedAt }) => <TimeText className="nowrap" at={deletedAt} show="short" />,
  },
  {
    key: 'gone',
    header: 'Gone for good',
    phoneLabel: 'Gone for good',
    cell: ({ purgeAt }) => <TimeText className="nowrap" at={purgeAt} show="short" />,
  },
  {
    key: 'size',
    header: 'Size',
    align: 'right',
    phone: 'hide',
    cell: ({ size }) => <span className="num nowrap">{sizeWords(size)}</span>,
  },
]

/** Deleted mail that can still be brought back; what is chosen goes back to the inbox. */
export function RecoverTable({ items, days, firstHref, nextHref }: RecoverTableProps) {
  const router = useRouter()
  const say = useToast()
  const { busy, run } = useAct()
  // A new key empties the choice once the chosen messages are back.
  const [round, setRound] = useState(0)

  async function recover(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const chosen = new Set(new FormData(event.currentTarget).getAll('message').map(String))
    const emailIds = items.filter((item) => chosen.has(item.emailId)).map((item) => item.emailId)
    if (emailIds.length === 0) return
    const answer = await run((client) => client.dashboard.mail.recover.mutate({ emailIds }))
    if (answer.ok) {
      say({ text: `${countWords(answer.value.recovered, 'message is', 'messages are')} back in your inbox.` })
      setRound(round + 1)
    } else {
      say({ text: 'Nothing was brought back. The messages are still here; please try again.', bad: true })
    }
    router.refresh()
  }

  return (
    <Card labelledBy="recoverable">
      <CardHeader
        id="recoverable"
        title="Can still be brought back"
        lead="Mail that has left the trash. Choose messages to put them back into your inbox."
      />
      <form key={round} onSubmit={(event) => void recover(event)}>
        <DataTable
          caption="Deleted messages that can be brought back"
          airy
          columns={COLUMNS}
          rows={items}
          rowKey={(row) => row.emailId}
          select={{
            name: 'message',
            label: (row) => `Choose ${row.subject || 'the message without a subject'}`,
            allLabel: 'Choose all shown',
          }}
          empty={
            <Empty
              icon="trash"
              title="Nothing is waiting"
              text={
                days === 0
                  ? 'You chose 0 days, so what you delete from the trash is destroyed at once.'
                  : 'What you delete from the trash will stand here until its days are over.'
              }
            />
          }
        />
        <BulkBar name="message" noun={['message', 'messages']}>
          <Button type="submit" size="s" icon="restore" busy={busy}>
            Bring back
          </Button>
        </BulkBar>
      </form>
      {firstHref || nextHref ? (
        <CardFooter>
          <Pager
            text={`${items.length} shown`}
            words={['Newest', 'Older']}
            earlierHref={firstHref}
            laterHref={nextHref}
          />
        </CardFooter>
      ) : null}
    </Card>
  )
}
