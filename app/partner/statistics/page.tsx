import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import type { TenantView } from '#server/services/tenant/view'
import { countWords, sizeWords } from '../../_parts/subscriber/words'
import { callerFor } from '../../_trpc/server'
import { Card, CardHeader, type Column, DataTable, Empty, Flow, Meter, Note, PageHead, Stat, Stats } from '../../_ui'
import { customersOf } from '../customers'

export const metadata: Metadata = { title: 'Statistics' }

type Row = TenantView & { active: number }

const COLUMNS: Column<Row>[] = [
  { key: 'name', header: 'Customer', cell: ({ name }) => name },
  {
    key: 'seats',
    header: 'Seats',
    cell: ({ seats }) => (
      <Meter
        value={seats.used}
        max={seats.cap}
        text={`${seats.used.toLocaleString('en-GB')} of ${seats.cap.toLocaleString('en-GB')}`}
      />
    ),
  },
  { key: 'accounts', header: 'Accounts', align: 'right', cell: ({ seats }) => seats.used },
  { key: 'active', header: 'Of them active', align: 'right', cell: ({ active }) => active },
  { key: 'domains', header: 'Domains', align: 'right', cell: ({ domains }) => domains.used },
]

/** Counts over the reseller's customers: nothing about any one person. */
export default async function StatisticsPage() {
  await requireActor('reseller', '/partner/statistics')
  const caller = await callerFor()
  const { partner } = caller
  const [statistics, customers] = await Promise.all([partner.reseller.statistics(), customersOf(caller)])
  const rows: Row[] = []
  for (const customer of customers) {
    const { total } = await partner.accounts.list({ tenantId: customer.id, state: 'active', limit: 1 })
    rows.push({ ...customer, active: total })
  }
  const { accounts, storage, seats } = statistics
  const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0)
  return (
    <>
      <PageHead title="Statistics" lead="Accounts, seats and storage, counted now. Nothing here is about one person." />
      <Flow>
        <Stats>
          <Stat
            label="Active accounts"
            value={accounts.active.toLocaleString('en-GB')}
            change={`${accounts.suspended} suspended, ${accounts.closing} closing`}
          />
          <Stat
            label="Accounts ended"
            value={accounts.closed.toLocaleString('en-GB')}
            change="Erased with their keys"
          />
          <Stat label="Storage" value={sizeWords(storage.usedBytes)} change="Over all customers" />
          <Stat
            label="Messages"
            value={storage.messages.toLocaleString('en-GB')}
            change={`In ${countWords(seats.used, 'mailbox', 'mailboxes')}`}
          />
        </Stats>
        <Card labelledBy="by-customer">
          <CardHeader id="by-customer" title="By customer" />
          <DataTable
            caption="Figures by customer"
            columns={COLUMNS}
            rows={rows}
            rowKey={({ id }) => id}
            rowHref={({ id }) => `/partner/customers/${id}`}
            foot={{
              name: 'Together',
              accounts: sum((row) => row.seats.used),
              active: sum((row) => row.active),
              domains: sum((row) => row.domains.used),
            }}
            empty={<Empty icon="chart" title="Nothing to count yet" text="Figures appear with the first customer." />}
          />
        </Card>
        <Note>Figures of past months are not kept yet, so no trend is drawn.</Note>
      </Flow>
    </>
  )
}
