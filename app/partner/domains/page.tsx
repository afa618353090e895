import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { hrefOf, one, oneOf, type Query } from '../../_parts/portal/query'
import { DomainState } from '../../_parts/portal/states'
import { callerFor } from '../../_trpc/server'
import {
  ButtonLink,
  Card,
  Chips,
  type Column,
  DataTable,
  Empty,
  FilterMenu,
  PageHead,
  SearchBox,
  TimeText,
  Tools,
} from '../../_ui'
import { type CustomerDomain, customersOf, domainsOf } from '../customers'

export const metadata: Metadata = { title: 'Domains' }

const STATES = [
  { value: 'unverified', label: 'Not verified' },
  { value: 'verified', label: 'Verified' },
] as const

const COLUMNS: Column<CustomerDomain>[] = [
  { key: 'name', header: 'Domain', cell: ({ name }) => name },
  { key: 'customer', header: 'Customer', cell: ({ customer }) => customer.name },
  { key: 'addresses', header: 'Addresses', align: 'right', cell: ({ addresses }) => addresses },
  {
    key: 'added',
    header: 'Added',
    wideOnly: true,
    phone: 'hide',
    cell: ({ createdAt }) => <TimeText className="nowrap" at={createdAt} show="day" />,
  },
  { key: 'state', header: 'State', phone: 'side', cell: ({ state }) => <DomainState state={state} /> },
]

/** The domains of all customers; those that wait come first. */
export default async function DomainsPage({ searchParams }: { searchParams: Promise<Query> }) {
  await requireActor('reseller', '/partner/domains')
  const query = await searchParams
  const q = one(query.q)?.slice(0, 200)
  const state = oneOf(
    query.state,
    STATES.map(({ value }) => value),
  )
  const caller = await callerFor()
  const wanted = q?.toLowerCase() ?? ''
  const domains = (await domainsOf(caller, await customersOf(caller))).filter(
    (one) =>
      (state === undefined || one.state === state) &&
      (one.name.includes(wanted) || one.customer.name.toLowerCase().includes(wanted)),
  )
  return (
    <>
      <PageHead title="Domains" lead="Every domain of your customers, and whether it is proven to be theirs." />
      <Tools>
        <SearchBox label="Search domains" placeholder="Domain or customer" defaultValue={q} keep={{ state }} />
        <Chips>
          <FilterMenu
            label="State"
            value={STATES.find(({ value }) => value === state)?.label}
            clearHref={hrefOf('/partner/domains', { q })}
            options={STATES.map(({ value, label }) => ({
              label,
              href: hrefOf('/partner/domains', { q, state: value }),
              current: value === state,
            }))}
          />
        </Chips>
      </Tools>
      <Card label="Domains">
        <DataTable
          caption="Domains of your customers"
          columns={COLUMNS}
          rows={domains}
          rowKey={({ id }) => id}
          rowHref={({ id, state, customer }) =>
            state === 'verified' ? `/partner/domains/${customer.id}/${id}` : `/partner/customers/${customer.id}`
          }
          empty={
            <Empty
              icon="globe"
              title={q || state ? 'No domain fits' : 'No domain yet'}
              text="Domains are added at a customer and proven with one DNS record."
              act={<ButtonLink href="/partner/customers">Go to customers</ButtonLink>}
            />
          }
        />
      </Card>
    </>
  )
}
