import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import type { Query } from '../../_parts/portal/query'
import { waysInput, waysQuery } from '../../_parts/portal/ways'
import { WaysPage } from '../../_parts/portal/ways-page'
import { callerFor } from '../../_trpc/server'

export const metadata: Metadata = { title: 'Message trace' }

const PATH = '/console/trace'

/** What became of each message of the organisation. */
export default async function TracePage({ searchParams }: { searchParams: Promise<Query> }) {
  await requireActor('domain-admin', PATH)
  const asked = waysQuery(await searchParams)
  const { console: desk } = await callerFor()
  return (
    <WaysPage
      path={PATH}
      asked={asked}
      page={await desk.trace.list(waysInput(asked))}
      lead="What became of each message, step by step. Neither subject nor content is recorded, and after thirty days nobody can read it."
      hint="Address, host or Message-ID"
    />
  )
}
