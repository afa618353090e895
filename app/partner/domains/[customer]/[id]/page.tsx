import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { DomainDns } from '../../../../_parts/portal/domain-dns'
import { orNotFound } from '../../../../_parts/portal/query'
import { callerFor } from '../../../../_trpc/server'
import { PageHead } from '../../../../_ui'
import { checkDns, rotateDkim, setMtaSts } from '../../acts'

export const metadata: Metadata = { title: 'Domain' }

type Props = { params: Promise<{ customer: string; id: string }> }

/** The records of a customer's domain. */
export default async function CustomerDomainPage({ params }: Props) {
  const { customer, id } = await params
  await requireActor('reseller', `/partner/domains/${encodeURIComponent(customer)}/${encodeURIComponent(id)}`)
  const { partner } = await callerFor()
  const view = await orNotFound(partner.domains.dns({ tenantId: customer, domainId: id }))
  return (
    <>
      <PageHead
        crumbs={[{ href: '/partner/domains', label: 'Domains' }]}
        title={view.domain.name}
        lead="The DNS records that bring your customer’s mail here."
      />
      <DomainDns
        view={view}
        acts={{ check: checkDns, setMtaSts, rotateDkim }}
        values={{ domainId: view.domain.id, tenantId: customer }}
        zoneHref={`/partner/domains/${customer}/${view.domain.id}/zone`}
      />
    </>
  )
}
