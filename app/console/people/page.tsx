import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import type { Query } from '../../_parts/portal/query'
import { PeopleList, peopleQuery } from './people-list'

export const metadata: Metadata = { title: 'People' }

export default async function PeoplePage({ searchParams }: { searchParams: Promise<Query> }) {
  const { accountId } = await requireActor('domain-admin', '/console/people')
  return <PeopleList query={peopleQuery(await searchParams)} ownId={accountId} />
}
