import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { DomainDns } from '../../../_parts/portal/domain-dns'
import { orNotFound } from '../../../_parts/portal/query'
import { callerFor } from '../../../_trpc/server'
import { PageHead } from '../../../_ui'
import { checkDns, rotateDkim, setMtaSts } from '../acts'

export const metadata: Metadata = { title: 'Domain' }

export default async function DomainPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  await requireActor('domain-admin', `/console/domains/${encodeURIComponent(id)}`)
  const { console: desk } = await callerFor()
  const view = await orNotFound(desk.domains.dns({ domainId: id }))
  return (
    <>
      <PageHead
        crumbs={[{ href: '/console/domains', label: 'Domains' }]}
        title={view.domain.name}
        lead="The DNS records that bring mail here and show that it is yours."
      />
      <DomainDns
        view={view}
        acts={{ check: checkDns, setMtaSts, rotateDkim }}
        values={{ domainId: view.domain.id }}
        zoneHref={`/console/domains/${view.domain.id}/zone`}
      />
    </>
  )
}
