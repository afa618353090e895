import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { DomainCard } from '../../_parts/portal/domain-card'
import { callerFor } from '../../_trpc/server'
import { ButtonLink, Card, Empty, Flow, PageHead } from '../../_ui'
import { checkDomain, removeDomain } from '../acts'

export const metadata: Metadata = { title: 'Domains' }

export default async function DomainsPage() {
  await requireActor('domain-admin', '/console/domains')
  const { console: desk } = await callerFor()
  const domains = await desk.domains.list()
  // What waits comes first.
  const sorted = domains.toSorted((a, b) => a.state.localeCompare(b.state) || a.name.localeCompare(b.name))
  return (
    <>
      <PageHead
        title="Domains"
        lead="The domains your addresses are on, and the record that proves each is yours."
        acts={
          <ButtonLink kind="primary" icon="plus" href="/console/domains/add">
            Add a domain
          </ButtonLink>
        }
      />
      <Flow>
        {sorted.length === 0 ? (
          <Card label="Domains">
            <Empty
              icon="globe"
              title="No domain yet"
              text="Domains you own will be here, each with the DNS record that proves it."
              act={<ButtonLink href="/console/domains/add">Add the first</ButtonLink>}
            />
          </Card>
        ) : (
          sorted.map((domain) => (
            <DomainCard
              key={domain.id}
              domain={domain}
              check={checkDomain}
              remove={removeDomain}
              recordsHref={`/console/domains/${domain.id}`}
            />
          ))
        )}
      </Flow>
    </>
  )
}
