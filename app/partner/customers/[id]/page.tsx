import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { hrefOf, orNotFound, type Query } from '../../../_parts/portal/query'
import { callerFor } from '../../../_trpc/server'
import { CustomerList, customerQuery } from '../customer-list'
import { CustomerSheet } from '../customer-sheet'

export const metadata: Metadata = { title: 'Customer' }

type Props = { params: Promise<{ id: string }>; searchParams: Promise<Query> }

/** The list with one customer's sheet beside it. */
export default async function CustomerPage({ params, searchParams }: Props) {
  const { id: tenantId } = await params
  await requireActor('reseller', `/partner/customers/${encodeURIComponent(tenantId)}`)
  const query = customerQuery(await searchParams)
  const { partner } = await callerFor()
  const customer = await orNotFound(partner.tenants.get({ tenantId }))
  const count = async (state: 'active' | 'suspended' | 'closing') =>
    (await partner.accounts.list({ tenantId, state, limit: 1 })).total
  const [domains, regions, ledger, sending, active, suspended, closing] = await Promise.all([
    partner.domains.list({ tenantId }),
    partner.regions.list(),
    partner.tenants.audit({ tenantId, limit: 8 }),
    partner.sending.state({ tenantId }),
    count('active'),
    count('suspended'),
    count('closing'),
  ])
  const region = regions.find(({ id }) => id === customer.region)
  return (
    <>
      <CustomerList query={query} openId={customer.id} />
      <CustomerSheet
        customer={customer}
        region={region ? `${region.name}, ${region.jurisdiction}` : customer.region}
        domains={domains}
        people={{ active, suspended, closing }}
        ledger={ledger.items}
        sending={sending}
        closeHref={hrefOf('/partner/customers', query)}
      />
    </>
  )
}
