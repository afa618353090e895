import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import type { queueOverview } from '#server/services/queue/list'
import type { PoolView } from '#server/services/sending/pools'
import { ActForm } from '../../_parts/portal/act-form'
import { callerFor } from '../../_trpc/server'
import { Card, CardHeader, type Column, DataTable, Empty, Flow, PageHead, TimeText } from '../../_ui'
import { changeCustomer } from './acts'

export const metadata: Metadata = { title: 'Queue' }

type Row = Awaited<ReturnType<typeof queueOverview>>[number]

const COLUMNS: Column<Row>[] = [
  { key: 'tenant', header: 'Organisation', cell: ({ tenantId }) => <span className="mono cut">{tenantId}</span> },
  { key: 'region', header: 'Region', cell: ({ region }) => <span className="mono">{region}</span> },
  { key: 'waiting', header: 'Waiting', align: 'right', cell: ({ waiting }) => waiting },
  { key: 'held', header: 'Held', align: 'right', cell: ({ held }) => held },
  {
    key: 'oldest',
    header: 'Oldest',
    cell: ({ oldest }) => (oldest ? <TimeText at={oldest} show="short" /> : 'None'),
  },
  {
    key: 'acts',
    header: 'Acts',
    phoneLabel: '',
    cell: ({ tenantId, region, waiting, held }) => (
      <div className="row near many">
        {waiting > 0 ? (
          <ActForm
            id={`hold-${region}-${tenantId}`}
            action={changeCustomer}
            fields={[]}
            values={{ tenantId, queueAct: 'hold' }}
            submit="Hold all"
            submitKind="plain"
            refused="Nothing was changed."
          />
        ) : null}
        {held > 0 ? (
          <ActForm
            id={`retry-${region}-${tenantId}`}
            action={changeCustomer}
            fields={[]}
            values={{ tenantId, queueAct: 'retry' }}
            submit="Let all go"
            submitKind="plain"
            refused="Nothing was changed."
          />
        ) : null}
      </div>
    ),
  },
]

const POOLS: Column<PoolView>[] = [
  { key: 'name', header: 'Pool', cell: ({ name }) => <span className="mono">{name}</span> },
  { key: 'helo', header: 'Says', cell: ({ heloName }) => <span className="mono cut">{heloName}</span> },
  { key: 'from', header: 'Leaves from', cell: ({ addresses }) => <span className="mono">{addresses.join(', ')}</span> },
  { key: 'given', header: 'Resellers', align: 'right', cell: ({ resellers }) => resellers.length },
]

export default async function QueuePage() {
  await requireActor('operator', '/operator/queue')
  const { operator } = await callerFor()
  const [rows, pools] = await Promise.all([operator.queue.overview(), operator.pools.list()])
  return (
    <>
      <PageHead
        title="Queue"
        lead="Mail that waits to reach other servers, by organisation. Addresses are not shown here."
      />
      <Flow>
        <Card labelledBy="waiting">
          <CardHeader id="waiting" title="Waiting" lead="Recipients, not messages: each is tried on its own." />
          <DataTable
            caption="Mail that waits"
            columns={COLUMNS}
            rows={rows}
            rowKey={({ tenantId, region }) => `${region}:${tenantId}`}
            empty={
              <Empty
                icon="send"
                title="Nothing waits"
                text="Mail that other servers do not take at once will be here."
              />
            }
          />
        </Card>
        <Card labelledBy="pools">
          <CardHeader
            id="pools"
            title="Pools of addresses"
            lead="The addresses that a reseller's mail leaves from. Set with: mailtight queue pool."
          />
          <DataTable
            caption="Pools of addresses"
            columns={POOLS}
            rows={pools}
            rowKey={({ name }) => name}
            empty={
              <Empty
                icon="globe"
                title="No pool"
                text="Mail leaves from any address of this host, under its own name."
              />
            }
          />
        </Card>
      </Flow>
    </>
  )
}
