import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { ActForm, type FieldSpec } from '../../../_parts/portal/act-form'
import { callerFor } from '../../../_trpc/server'
import { ButtonLink, Card, CardBody, Empty, Note, PageHead } from '../../../_ui'
import { addPerson } from '../../acts'

export const metadata: Metadata = { title: 'Add a person' }

export default async function AddPersonPage() {
  await requireActor('domain-admin', '/console/people/add')
  const { console: desk } = await callerFor()
  const [tenant, domains] = await Promise.all([desk.tenant.get(), desk.domains.list()])
  const verified = domains.filter(({ state }) => state === 'verified')
  const free = Math.max(0, tenant.seats.cap - tenant.seats.used)
  return (
    <>
      <PageHead
        crumbs={[{ href: '/console/people', label: 'People' }]}
        title="Add a person"
        lead={`Makes a mailbox with keys of its own. It takes one of your ${free.toLocaleString('en-GB')} free seats.`}
      />
      <Card label="Add a person" className="max-w-xl">
        {verified.length === 0 ? (
          <Empty
            icon="globe"
            title="A verified domain comes first"
            text="Addresses can only be made on a domain that is proven to be yours."
            act={
              <ButtonLink kind="primary" href="/console/domains">
                Go to domains
              </ButtonLink>
            }
          />
        ) : (
          <CardBody>
            {free === 0 ? (
              <Note kind="warn" title="No seat is free.">
                Ask your reseller for more; until then nobody can be added.
              </Note>
            ) : null}
            <ActForm
              id="person"
              action={addPerson}
              fields={fieldsOf(verified.map(({ name }) => name))}
              submit="Add this person"
              submitIcon="userPlus"
              refused="Nobody was added."
            />
          </CardBody>
        )}
      </Card>
    </>
  )
}

const fieldsOf = (domains: readonly string[]): FieldSpec[] => [
  { name: 'name', label: 'Name', help: 'Any name they want. Only people of your organisation see it.' },
  {
    name: 'local',
    label: 'Address, before the @',
    required: true,
    maxLength: 64,
    help: 'An address of an account that ended is not given again for 180 days.',
  },
  {
    name: 'domain',
    label: 'Domain',
    kind: 'select',
    options: domains.map((name) => ({ value: name, label: `@${name}` })),
  },
  {
    name: 'password',
    label: 'First password',
    kind: 'password',
    required: true,
    help: 'At least 12 characters, and on no list of leaked passwords. Ask them to change it when they first sign in.',
  },
  {
    name: 'role',
    label: 'Role',
    kind: 'radio',
    defaultValue: 'member',
    options: [
      { value: 'member', label: 'Member', help: 'Has a mailbox and manages it.' },
      { value: 'admin', label: 'Domain admin', help: 'Also manages people, domains and retention here, as you do.' },
    ],
  },
]
