import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { ActForm } from '../../../_parts/portal/act-form'
import { allOf, type Query } from '../../../_parts/portal/query'
import { countWords } from '../../../_parts/subscriber/words'
import { callerFor } from '../../../_trpc/server'
import { ButtonLink, Card, CardBody, Empty, ListCard, ListRow, Note, PageHead } from '../../../_ui'
import { suspendPeople } from '../../acts'

export const metadata: Metadata = { title: 'Suspend' }

/** Names everybody who was picked and says what will happen, before it does. */
export default async function SuspendPage({ searchParams }: { searchParams: Promise<Query> }) {
  const { accountId } = await requireActor('domain-admin', '/console/people')
  const { pick } = await searchParams
  const picked = new Set(Array.isArray(pick) ? pick : [pick])
  const { console: desk } = await callerFor()
  const people = (await allOf((page) => desk.accounts.list({ state: 'active', ...page }))).filter(
    (person) => picked.has(person.accountId) && person.accountId !== accountId,
  )
  const head = { crumbs: [{ href: '/console/people', label: 'People' }] }
  if (people.length === 0) {
    return (
      <>
        <PageHead {...head} title="Suspend" lead="Nobody was picked who is active." />
        <Card label="Nobody">
          <Empty
            icon="users"
            title="Nobody to suspend"
            text="Tick people in the list first. You cannot suspend yourself."
            act={<ButtonLink href="/console/people">Back to people</ButtonLink>}
          />
        </Card>
      </>
    )
  }
  const who = countWords(people.length, 'person', 'people')
  return (
    <>
      <PageHead
        {...head}
        title={`Suspend ${who}`}
        lead="They are signed out everywhere at once. You can resume each at any time."
      />
      <div className="flow">
        <ListCard id="picked" title={`These ${who}`}>
          {people.map(({ accountId: id, name, address }) => (
            <ListRow key={id} icon="user" title={name} text={address} />
          ))}
        </ListCard>
        <Card label="Reason">
          <CardBody>
            <Note kind="warn" title="What will happen.">
              Sign-in is refused at every door, and other servers are told to try later with new mail. Nothing is
              deleted.
            </Note>
            <ActForm
              id="bulk"
              action={suspendPeople}
              values={{ ids: people.map((person) => person.accountId).join(',') }}
              fields={[
                {
                  name: 'reason',
                  label: 'Reason',
                  kind: 'reason',
                  required: true,
                  help: 'Each of them reads this on their access page.',
                },
              ]}
              submit={`Suspend ${who}`}
              submitKind="danger"
              submitIcon="pause"
              refused="Not everybody was suspended."
            />
          </CardBody>
        </Card>
      </div>
    </>
  )
}
