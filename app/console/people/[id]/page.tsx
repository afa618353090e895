import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { hrefOf, orNotFound, type Query } from '../../../_parts/portal/query'
import { callerFor } from '../../../_trpc/server'
import { PeopleList, peopleQuery } from '../people-list'
import { PersonSheet } from '../person-sheet'

export const metadata: Metadata = { title: 'Person' }

type Props = { params: Promise<{ id: string }>; searchParams: Promise<Query> }

/** The list with one person's sheet beside it. */
export default async function PersonPage({ params, searchParams }: Props) {
  const { id } = await params
  const actor = await requireActor('domain-admin', `/console/people/${encodeURIComponent(id)}`)
  const query = peopleQuery(await searchParams)
  const { console: desk } = await callerFor()
  const person = await orNotFound(desk.accounts.get({ accountId: id }))
  const [statistics, ledger] = await Promise.all([
    desk.accounts.statistics({ accountId: id }),
    desk.accounts.audit({ accountId: id, limit: 10 }),
  ])
  return (
    <>
      <PeopleList query={query} openId={person.accountId} ownId={actor.accountId} />
      <PersonSheet
        person={person}
        statistics={statistics}
        ledger={ledger.items}
        own={person.accountId === actor.accountId}
        closeHref={hrefOf('/console/people', query)}
      />
    </>
  )
}
