import type { Metadata } from 'next'
import Link from 'next/link'
import { requireActor } from '#server/auth/actor'
import type { SystemStatus } from '#server/services/system/status'
import { settled } from '../_parts/portal/audit-read'
import { AuditTable } from '../_parts/portal/audit-table'
import { countWords } from '../_parts/subscriber/words'
import { callerFor } from '../_trpc/server'
import { ButtonLink, Card, CardFooter, CardHeader, Flow, ListCard, ListRow, PageHead, Stat, Stats } from '../_ui'
import { HealthBoard } from './health-board'

export const metadata: Metadata = { title: 'Home' }

const SHOWN = 5

/** Is anything wrong in the house, what changed, what next. */
export default async function OperatorHome() {
  await requireActor('operator', '/operator')
  const { operator } = await callerFor()
  const [status, audit] = await Promise.all([operator.system.status(), operator.audit.list({ limit: SHOWN })])
  const { accounts, resellers } = status
  return (
    <>
      <PageHead
        title="Home"
        lead="Whether every part works, what waits, and what the house did last."
        acts={
          <ButtonLink kind="primary" icon="plus" href="/operator/resellers/add">
            Add a reseller
          </ButtonLink>
        }
      />
      <Flow>
        <NeedsYou status={status} />
        <Stats>
          <Stat
            label="Resellers"
            value={resellers.active + resellers.suspended}
            change={resellers.suspended === 0 ? 'All active' : `${resellers.suspended} suspended`}
          />
          <Stat
            label="Organisations"
            value={status.tenants.toLocaleString('en-GB')}
            change={`In ${countWords(status.regions.length, 'region', 'regions')}`}
          />
          <Stat
            label="Active accounts"
            value={accounts.active.toLocaleString('en-GB')}
            change={`${accounts.suspended} suspended, ${accounts.closing} closing`}
          />
          <Stat
            label="Mail waiting"
            value={status.queue.toLocaleString('en-GB')}
            change="Recipients at other servers"
          />
        </Stats>
        <HealthBoard />
        <Card labelledBy="changed">
          <CardHeader id="changed" title="What the house did" lead="Acts of the operator that concern no reseller." />
          <AuditTable
            rows={settled(audit.items).map((item) => ({ ...item, about: null }))}
            empty="Acts on resellers stand in each reseller’s own list."
          />
          <CardFooter>
            <Link className="link" href="/operator/audit">
              All acts
            </Link>
          </CardFooter>
        </Card>
      </Flow>
    </>
  )
}

function NeedsYou({ status }: { status: SystemStatus }) {
  const { unfinishedIntents: unfinished, resellers, accounts } = status
  const rows = [
    unfinished > 0 ? (
      <ListRow
        key="intents"
        icon="alert"
        tone="bad"
        title={`${countWords(unfinished, 'act is', 'acts are')} begun and not finished`}
        text="Each was written down before it began, so nothing is lost. The worker takes them up by itself; mailtight fsck names them."
      />
    ) : null,
    accounts.provisioning > 0 ? (
      <ListRow
        key="provisioning"
        icon="clock"
        tone="warn"
        title={`${countWords(accounts.provisioning, 'account is', 'accounts are')} being set up`}
        text="This takes a moment; it takes longer only while a database is away."
      />
    ) : null,
    resellers.suspended > 0 ? (
      <ListRow
        key="suspended"
        icon="pause"
        tone="warn"
        title={`${countWords(resellers.suspended, 'reseller is', 'resellers are')} suspended`}
        text="Nothing of theirs was deleted."
        act={<ButtonLink href="/operator/resellers">Show them</ButtonLink>}
      />
    ) : null,
  ].filter((row) => row !== null)
  const title = rows.length === 0 ? 'Nothing needs you' : `${countWords(rows.length, 'thing needs', 'things need')} you`
  return (
    <ListCard id="needs" title={title}>
      {rows.length === 0 ? (
        <ListRow
          icon="ok"
          tone="good"
          title="All is in order"
          text="Every act is finished, and no reseller is stopped."
        />
      ) : (
        rows
      )}
    </ListCard>
  )
}
