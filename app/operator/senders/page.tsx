import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { SenderRules } from '../../_parts/portal/sender-rules'
import { callerFor } from '../../_trpc/server'
import { Flow, PageHead } from '../../_ui'
import { addSender, removeSender } from './acts'

export const metadata: Metadata = { title: 'Senders' }

/** Who may write to everybody below, and who may not. */
export default async function SendersPage() {
  await requireActor('operator', '/operator/senders')
  const items = await (await callerFor()).operator.senders.list()
  return (
    <>
      <PageHead title="Senders" lead="Who is kept out or let in, for everybody in this house." />
      <Flow>
        <SenderRules
          items={items}
          add={addSender}
          remove={removeSender}
          lead="They hold for every mailbox. A rule of a reseller, a customer or a person beats them."
        />
      </Flow>
    </>
  )
}
