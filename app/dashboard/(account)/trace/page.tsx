import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import type { Query } from '../../../_parts/portal/query'
import { waysInput, waysQuery } from '../../../_parts/portal/ways'
import { WaysPage } from '../../../_parts/portal/ways-page'
import { callerFor } from '../../../_trpc/server'

export const metadata: Metadata = { title: 'Message trace' }

const PATH = '/dashboard/trace'

/** What became of each of one's own messages. */
export default async function TracePage({ searchParams }: { searchParams: Promise<Query> }) {
  await requireActor('subscriber', PATH)
  const asked = waysQuery(await searchParams)
  const { dashboard } = await callerFor()
  return (
    <WaysPage
      path={PATH}
      asked={asked}
      page={await dashboard.trace.list(waysInput(asked))}
      lead="What became of each message you sent or got, step by step. After thirty days nobody can read this, we neither."
      hint="Address, host or Message-ID"
    />
  )
}
