import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { ConfirmAct } from '../../_parts/portal/confirm-act'
import { allOf, hrefOf, one, type Query } from '../../_parts/portal/query'
import { callerFor } from '../../_trpc/server'
import { Card, CardFooter, CardHeader, Flow, PageHead, Pager } from '../../_ui'
import { changeWaiting } from './acts'
import { FrozenCard, SuppressedTable, WaitingTable } from './tables'

export const metadata: Metadata = { title: 'Outgoing mail' }

const PATH = '/console/outgoing'

export default async function OutgoingPage({ searchParams }: { searchParams: Promise<Query> }) {
  await requireActor('domain-admin', PATH)
  const after = one((await searchParams).after)
  const { console: desk } = await callerFor()
  const [waiting, suppressed, state, people] = await Promise.all([
    desk.outgoing.list({ after, limit: 50 }),
    desk.outgoing.suppressed({ limit: 200 }),
    desk.outgoing.state(),
    allOf((page) => desk.accounts.list(page)),
  ])
  const names = new Map(people.map(({ accountId, address }) => [String(accountId), address]))
  const hourly = state.hours.at(-1)?.recipients ?? 0
  return (
    <>
      <PageHead
        title="Outgoing mail"
        lead="What waits to reach other servers, addresses that take no mail, and who may send how much."
      />
      <Flow>
        <FrozenCard frozen={state.frozen} names={names} />
        <Card labelledBy="waiting">
          <CardHeader
            id="waiting"
            title="Waiting"
            lead={`${hourly} recipients outside in the last hour, of ${state.cap.perHour} allowed; one person, ${state.accountCap.perHour}.`}
          />
          <WaitingTable rows={waiting.items} names={names} change={changeWaiting} />
          {waiting.items.length > 0 ? (
            <CardFooter>
              <ConfirmAct
                trigger="Hold all"
                triggerSize="s"
                triggerKind="quiet"
                title="Hold everything that waits?"
                text="Nothing of it is sent until you try it again. What has failed is still reported to its sender."
                confirm="Hold all"
                harmless
                values={{ queueAct: 'hold' }}
                action={changeWaiting}
              />
              <ConfirmAct
                trigger="Try all now"
                triggerSize="s"
                triggerKind="quiet"
                title="Try everything now?"
                text="Held mail is let go, and what waits for its next attempt is tried at once."
                confirm="Try all now"
                harmless
                values={{ queueAct: 'retry' }}
                action={changeWaiting}
              />
              {waiting.next ? <Pager text="" laterHref={hrefOf(PATH, { after: waiting.next })} /> : null}
            </CardFooter>
          ) : null}
        </Card>
        <Card labelledBy="suppressed">
          <CardHeader
            id="suppressed"
            title="Addresses not tried"
            lead="Mail to these failed for good. Whoever writes to one hears at once that it is not there, until its time is over."
          />
          <SuppressedTable rows={suppressed.items} />
        </Card>
      </Flow>
    </>
  )
}
