import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import type { Query } from '../../_parts/portal/query'
import { afterOf, ResellerList } from './reseller-list'

export const metadata: Metadata = { title: 'Resellers' }

export default async function ResellersPage({ searchParams }: { searchParams: Promise<Query> }) {
  await requireActor('operator', '/operator/resellers')
  return <ResellerList after={afterOf(await searchParams)} />
}
