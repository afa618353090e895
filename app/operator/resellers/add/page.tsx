import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { ActForm } from '../../../_parts/portal/act-form'
import { Card, CardBody, PageHead } from '../../../_ui'
import { addReseller } from '../../acts'

export const metadata: Metadata = { title: 'Add a reseller' }

export default async function AddResellerPage() {
  await requireActor('operator', '/operator/resellers/add')
  return (
    <>
      <PageHead
        crumbs={[{ href: '/operator/resellers', label: 'Resellers' }]}
        title="Add a reseller"
        lead="Makes the reseller with a key of its own. Their first login is made on the next page."
      />
      <Card label="Add a reseller" className="max-w-xl">
        <CardBody>
          <ActForm
            id="reseller"
            action={addReseller}
            fields={[
              { name: 'name', label: 'Name', required: true, maxLength: 200 },
              {
                name: 'seats',
                label: 'Seats',
                kind: 'number',
                min: 0,
                defaultValue: '1000',
                help: 'The most mailboxes over all of their customers.',
              },
              {
                name: 'domains',
                label: 'Domains',
                aside: 'optional',
                kind: 'number',
                min: 0,
                help: 'Left empty, their number is not limited.',
              },
            ]}
            submit="Add this reseller"
            refused="The reseller was not added."
          />
        </CardBody>
      </Card>
    </>
  )
}
