import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import type { Query } from '../../_parts/portal/query'
import { CustomerList, customerQuery } from './customer-list'

export const metadata: Metadata = { title: 'Customers' }

export default async function CustomersPage({ searchParams }: { searchParams: Promise<Query> }) {
  await requireActor('reseller', '/partner/customers')
  return <CustomerList query={customerQuery(await searchParams)} />
}
