import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { ActForm } from '../../_parts/portal/act-form'
import { Disclosure } from '../../_parts/portal/disclosure'
import { allOf } from '../../_parts/portal/query'
import { countWords } from '../../_parts/subscriber/words'
import { callerFor } from '../../_trpc/server'
import { ButtonLink, Card, CardBody, CardHeader, Empty, Flow, ListRow, PageHead } from '../../_ui'
import { addAlias, addGroup, chooseCatchAll } from './acts'
import { AliasRow } from './alias-row'
import { POSTING_OPTIONS, POSTING_WORDS } from './posting'

export const metadata: Metadata = { title: 'Addresses' }

/** Every address of the organisation that is not a person's own. */
export default async function AddressesPage() {
  await requireActor('domain-admin', '/console/addresses')
  const { console: desk } = await callerFor()
  const [{ aliases, groups, catchAll }, people] = await Promise.all([
    desk.addresses.list(),
    allOf((page) => desk.accounts.list(page)),
  ])
  const persons = people.map(({ accountId, address }) => ({ value: accountId, label: address }))
  const domain = catchAll[0]?.domain ?? 'example.org'
  return (
    <>
      <PageHead title="Addresses" lead="What reaches your people beside their own addresses: aliases, groups, lists." />
      <Flow>
        <Card labelledBy="groups">
          <CardHeader
            id="groups"
            title="Groups and lists"
            lead="A group puts each message into its people's mailboxes. A list sends it on, to people elsewhere too, and lets them leave."
          />
          {groups.length === 0 ? (
            <Empty icon="users" title="No groups or lists yet" text="Make one below, for a team or for your readers." />
          ) : (
            <ul className="list">
              {groups.map(({ id, kind, address, name, posting, members }) => (
                <ListRow
                  key={id}
                  icon={kind === 'list' ? 'list' : 'users'}
                  title={
                    <span className="row many near">
                      <span>{name}</span>
                      <span className="mono cut">{address}</span>
                    </span>
                  }
                  text={`${kind === 'list' ? 'List' : 'Group'} of ${countWords(members, 'member', 'members')}. ${POSTING_WORDS[posting]}.`}
                  act={
                    <ButtonLink size="s" href={`/console/addresses/${id}`}>
                      Open
                    </ButtonLink>
                  }
                />
              ))}
            </ul>
          )}
          <CardBody>
            <Disclosure title="Make a group or a list" icon="plus" open={groups.length === 0}>
              <ActForm
                id="new-group"
                action={addGroup}
                submit="Make it"
                submitKind="plain"
                submitIcon="plus"
                refused="Nothing was made."
                fields={[
                  {
                    kind: 'radio',
                    name: 'kind',
                    label: 'What it is',
                    defaultValue: 'group',
                    options: [
                      { value: 'group', label: 'Group', help: 'People here only.' },
                      { value: 'list', label: 'List', help: 'Anybody, each with a way to leave.' },
                    ],
                  },
                  { name: 'name', label: 'Name', required: true, maxLength: 200, placeholder: 'Sales' },
                  { name: 'address', label: 'Address', required: true, maxLength: 320, placeholder: `sales@${domain}` },
                  {
                    kind: 'radio',
                    name: 'posting',
                    label: 'Who may write to it',
                    defaultValue: 'tenant',
                    options: POSTING_OPTIONS,
                  },
                ]}
              />
            </Disclosure>
          </CardBody>
        </Card>
        <Card labelledBy="aliases">
          <CardHeader
            id="aliases"
            title="Aliases"
            lead="One more address of a person. They may write from it as well."
          />
          {aliases.length === 0 ? (
            <Empty icon="at" title="No aliases yet" text="Give a person one more address below." />
          ) : (
            <ul className="list">
              {aliases.map((alias) => (
                <AliasRow key={alias.address} alias={alias} />
              ))}
            </ul>
          )}
          <CardBody>
            <Disclosure title="Add an alias" icon="plus" open={aliases.length === 0}>
              <ActForm
                id="new-alias"
                action={addAlias}
                submit="Add alias"
                submitKind="plain"
                submitIcon="plus"
                refused="No alias was added."
                fields={[
                  { name: 'address', label: 'Address', required: true, maxLength: 320, placeholder: `info@${domain}` },
                  { kind: 'select', name: 'accountId', label: 'Person', options: persons },
                ]}
              />
            </Disclosure>
          </CardBody>
        </Card>
        <Card labelledBy="catch-all">
          <CardHeader
            id="catch-all"
            title="Addresses that nobody has"
            lead="Mail to them is refused, so that a sender learns of a mistake. You can have it delivered instead; spam will find it too."
          />
          <CardBody>
            <div className="stack wide max-w-md">
              {catchAll.map(({ domainId, domain: name, accountId }) => (
                <ActForm
                  key={`${domainId} ${accountId}`}
                  id={`catch-${domainId}`}
                  action={chooseCatchAll}
                  values={{ domainId }}
                  saved
                  submit="Save"
                  submitKind="plain"
                  refused="Nothing was changed."
                  fields={[
                    {
                      kind: 'select',
                      name: 'accountId',
                      label: `Of ${name}`,
                      defaultValue: accountId ?? '',
                      options: [{ value: '', label: 'Refused' }, ...persons],
                    },
                  ]}
                />
              ))}
              {catchAll.length === 0 ? <p className="hint">Verify a domain first.</p> : null}
            </div>
          </CardBody>
        </Card>
      </Flow>
    </>
  )
}
