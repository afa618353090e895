import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { ActForm } from '../../../_parts/portal/act-form'
import { Card, CardBody, PageHead } from '../../../_ui'
import { addDomain } from '../../acts'

export const metadata: Metadata = { title: 'Add a domain' }

export default async function AddDomainPage() {
  await requireActor('domain-admin', '/console/domains/add')
  return (
    <>
      <PageHead
        crumbs={[{ href: '/console/domains', label: 'Domains' }]}
        title="Add a domain"
        lead="You get a DNS record to set; once it is found, addresses can be made on the domain."
      />
      <Card label="Add a domain" className="max-w-xl">
        <CardBody>
          <ActForm
            id="domain"
            action={addDomain}
            fields={[
              {
                name: 'name',
                label: 'Domain name',
                required: true,
                maxLength: 253,
                placeholder: 'example.org',
                help: 'Without www. Mail that arrives elsewhere today keeps arriving there until you change its MX records.',
              },
            ]}
            submit="Add this domain"
            refused="The domain was not added."
          />
        </CardBody>
      </Card>
    </>
  )
}
