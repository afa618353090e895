import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { ActForm } from '../../../_parts/portal/act-form'
import { callerFor } from '../../../_trpc/server'
import { Card, CardBody, PageHead } from '../../../_ui'
import { addCustomer } from '../../acts'

export const metadata: Metadata = { title: 'Add a customer' }

export default async function AddCustomerPage() {
  await requireActor('reseller', '/partner/customers/add')
  const { partner } = await callerFor()
  const [regions, statistics] = await Promise.all([partner.regions.list(), partner.reseller.statistics()])
  return (
    <>
      <PageHead
        crumbs={[{ href: '/partner/customers', label: 'Customers' }]}
        title="Add a customer"
        lead="Makes an organisation with keys of its own, in the region they chose."
      />
      <Card label="Add a customer" className="max-w-xl">
        <CardBody>
          <ActForm
            id="customer"
            action={addCustomer}
            fields={[
              { name: 'name', label: 'Name of the organisation', required: true, maxLength: 200 },
              {
                name: 'region',
                label: 'Where their mail is kept',
                kind: 'radio',
                defaultValue: regions[0]?.id,
                options: regions.map(({ id, name, legalEntity, jurisdiction }) => ({
                  value: id,
                  label: name,
                  help: `${legalEntity}, under the law of ${jurisdiction}`,
                })),
              },
              {
                name: 'seats',
                label: 'Seats',
                aside: 'optional',
                kind: 'number',
                min: 0,
                help: `Set aside from your ${statistics.seats.free.toLocaleString('en-GB')} free seats. Left empty, they draw up to 1,000 one by one from what you have free.`,
              },
            ]}
            submit="Add this customer"
            refused="The customer was not added."
          />
        </CardBody>
      </Card>
    </>
  )
}
