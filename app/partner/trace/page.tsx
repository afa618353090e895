import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { allOf, hrefOf, one, orNotFound, type Query } from '../../_parts/portal/query'
import { Ways, waysInput, waysQuery } from '../../_parts/portal/ways'
import { callerFor } from '../../_trpc/server'
import { Card, Empty, FilterMenu, PageHead, Tools } from '../../_ui'

export const metadata: Metadata = { title: 'Message trace' }

const PATH = '/partner/trace'

/** What became of each message of one customer, without names. */
export default async function TracePage({ searchParams }: { searchParams: Promise<Query> }) {
  await requireActor('reseller', PATH)
  const query = await searchParams
  const { partner } = await callerFor()
  const customers = await allOf((page) => partner.tenants.list(page))
  const tenantId = one(query.customer) ?? customers[0]?.id
  const asked = waysQuery(query)
  const page = tenantId ? await orNotFound(partner.trace.list({ ...waysInput(asked), tenantId })) : null
  const customer = customers.find(({ id }) => id === tenantId)
  return (
    <>
      <PageHead
        title="Message trace"
        lead="What became of each message of a customer: domains, hosts and answers. Who wrote to whom is theirs to see."
      />
      {page && tenantId ? (
        <>
          <Tools>
            <FilterMenu
              label="Customer"
              value={customer?.name}
              options={customers.map(({ id, name }) => ({
                label: name,
                href: hrefOf(PATH, { customer: id }),
                current: id === tenantId,
              }))}
            />
          </Tools>
          <Ways
            path={PATH}
            asked={asked}
            ways={page.items}
            next={page.next}
            keep={{ customer: tenantId }}
            hint="Domain or host"
          />
        </>
      ) : (
        <Card label="Messages">
          <Empty icon="building" title="No customers yet" text="Once you have one, their mail can be followed here." />
        </Card>
      )}
    </>
  )
}
