import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { SenderRules } from '../../../_parts/portal/sender-rules'
import { QuarantineTable } from '../../../_parts/subscriber/quarantine-table'
import { callerFor } from '../../../_trpc/server'
import { Flow, PageHead } from '../../../_ui'
import { addSender, removeSender } from './acts'

export const metadata: Metadata = { title: 'Spam and senders' }

/** What was put aside at the door, and who is let in or kept out. */
export default async function SendersPage() {
  await requireActor('subscriber', '/dashboard/senders')
  const { dashboard } = await callerFor()
  const [waiting, senders] = await Promise.all([dashboard.quarantine.list(), dashboard.senders.list()])
  return (
    <>
      <PageHead title="Spam and senders" lead="What was put aside at the door, and whom you let in or keep out." />
      <Flow>
        <QuarantineTable items={waiting} />
        <SenderRules
          items={senders}
          add={addSender}
          remove={removeSender}
          lead="They hold for your mailbox, and beat those of your organisation. Nobody else sees them."
        />
      </Flow>
    </>
  )
}
