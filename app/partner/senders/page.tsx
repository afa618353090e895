import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { SenderRules } from '../../_parts/portal/sender-rules'
import { callerFor } from '../../_trpc/server'
import { Flow, PageHead } from '../../_ui'
import { addSender, removeSender } from './acts'

export const metadata: Metadata = { title: 'Senders' }

/** Who may write to everybody below, and who may not. */
export default async function SendersPage() {
  await requireActor('reseller', '/partner/senders')
  const items = await (await callerFor()).partner.senders.list()
  return (
    <>
      <PageHead title="Senders" lead="Who is kept out or let in, for all of your customers." />
      <Flow>
        <SenderRules
          items={items}
          add={addSender}
          remove={removeSender}
          lead="They hold for every mailbox of your customers. A rule of a customer, or of a person, beats them."
        />
      </Flow>
    </>
  )
}
