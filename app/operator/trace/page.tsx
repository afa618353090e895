import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { one, orNotFound, type Query } from '../../_parts/portal/query'
import { Ways, waysInput, waysQuery } from '../../_parts/portal/ways'
import { callerFor } from '../../_trpc/server'
import { Card, Empty, PageHead, SearchBox, Tools } from '../../_ui'

export const metadata: Metadata = { title: 'Message trace' }

const PATH = '/operator/trace'

/** What became of each message of one organisation: hosts and codes, to find a fault by. */
export default async function TracePage({ searchParams }: { searchParams: Promise<Query> }) {
  await requireActor('operator', PATH)
  const query = await searchParams
  const { operator } = await callerFor()
  const tenantId = one(query.organisation)
  const asked = waysQuery(query)
  const page = tenantId ? await orNotFound(operator.trace.list({ ...waysInput(asked), tenantId })) : null
  return (
    <>
      <PageHead
        title="Message trace"
        lead="Hosts, codes and times of an organisation’s mail, to find a fault by. No address of anybody is shown here."
      />
      <Tools>
        <SearchBox
          label="Organisation"
          name="organisation"
          placeholder="The organisation’s id, as in the queue"
          defaultValue={tenantId}
        />
      </Tools>
      {page && tenantId ? (
        <Ways
          path={PATH}
          asked={asked}
          ways={page.items}
          next={page.next}
          keep={{ organisation: tenantId }}
          hint="Host"
        />
      ) : (
        <Card label="Messages">
          <Empty
            icon="route"
            title="Which organisation?"
            text="Give its id, as the queue and the audit list show it."
          />
        </Card>
      )}
    </>
  )
}
