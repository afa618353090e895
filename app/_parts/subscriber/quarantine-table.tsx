'use client'
import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { LIMITS } from '#lib/limits'
import type { QuarantinedView } from '#server/services/quarantine/list'
import { BulkBar, Button, Card, CardHeader, type Column, DataTable, Empty, TimeText, useToast } from '../../_ui'
import { useAct } from './use-act'
import { countWords } from './words'

const CAUSES: Readonly<Record<QuarantinedView['cause'], string>> = {
  spam: 'Looks like spam',
  dmarc: 'The sender’s domain says it is not theirs',
  rule: 'You keep this sender out',
  unscanned: 'Could not be scanned for malicious files',
}

const COLUMNS: Column<QuarantinedView>[] = [
  {
    key: 'subject',
    header: 'Message',
    cell: ({ subject, sender }) => (
      <span className="stack tight">
        <span className="lab">{subject || 'No subject'}</span>
        <span className="hint">{sender || 'Unknown sender'}</span>
      </span>
    ),
  },
  { key: 'cause', header: 'Why', phoneLabel: 'Why', cell: ({ cause }) => CAUSES[cause] },
  {
    key: 'arrived',
    header: 'Arrived',
    phoneLabel: 'Arrived',
    cell: ({ arrivedAt }) => <TimeText className="nowrap" at={arrivedAt} show="short" />,
  },
]

/** Mail that was put aside at the door: released into the inbox or deleted by its owner. */
export function QuarantineTable({ items }: { items: QuarantinedView[] }) {
  const router = useRouter()
  const say = useToast()
  const { busy, run } = useAct()
  // A new key empties the choice once the chosen messages are gone from the list.
  const [round, setRound] = useState(0)

  async function decide(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const button = (event.nativeEvent as SubmitEvent).submitter
    const release = button?.getAttribute('value') === 'release'
    const uids = new FormData(event.currentTarget).getAll('message').map(Number)
    if (uids.length === 0) return
    const answer = await run(async ({ dashboard: { quarantine } }) =>
      release
        ? countWords((await quarantine.release.mutate({ uids })).released, 'message is', 'messages are')
        : countWords((await quarantine.delete.mutate({ uids })).deleted, 'message is', 'messages are'),
    )
    if (answer.ok) {
      say({ text: release ? `${answer.value} in your inbox.` : `${answer.value} deleted.` })
      setRound(round + 1)
    } else {
      say({ text: 'Nothing was changed. The messages are still here; please try again.', bad: true })
    }
    router.refresh()
  }

  return (
    <Card labelledBy="quarantine">
      <CardHeader
        id="quarantine"
        title="In quarantine"
        lead={`Your mail programs do not show these. What you leave here is deleted after ${LIMITS.quarantineDays} days.`}
      />
      <form key={round} onSubmit={(event) => void decide(event)}>
        <DataTable
          caption="Messages in quarantine"
          airy
          columns={COLUMNS}
          rows={items}
          rowKey={(row) => String(row.uid)}
          select={{
            name: 'message',
            label: (row) => `Choose ${row.subject || 'the message without a subject'}`,
            allLabel: 'Choose all shown',
          }}
          empty={
            <Empty
              icon="shieldCheck"
              title="Nothing waits"
              text="Mail that is put aside at the door will stand here."
            />
          }
        />
        <BulkBar name="message" noun={['message', 'messages']}>
          <Button type="submit" name="what" value="release" size="s" icon="inbox" busy={busy}>
            Put into inbox
          </Button>
          <Button type="submit" name="what" value="delete" size="s" icon="trash" busy={busy}>
            Delete
          </Button>
        </BulkBar>
      </form>
    </Card>
  )
}
