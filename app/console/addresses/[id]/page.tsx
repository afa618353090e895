import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { ActForm } from '../../../_parts/portal/act-form'
import { ConfirmAct } from '../../../_parts/portal/confirm-act'
import { orNotFound } from '../../../_parts/portal/query'
import { countWords } from '../../../_parts/subscriber/words'
import { callerFor } from '../../../_trpc/server'
import { Card, CardBody, CardHeader, Empty, Flow, ListRow, PageHead } from '../../../_ui'
import { addMembers, changeGroup, removeGroup, removeMember } from '../acts'
import { POSTING_OPTIONS } from '../posting'

export const metadata: Metadata = { title: 'Group' }

/** One group or list: its members, its name, and who may write to it. */
export default async function GroupPage({ params }: { params: Promise<{ id: string }> }) {
  const { id: groupId } = await params
  await requireActor('domain-admin', `/console/addresses/${encodeURIComponent(groupId)}`)
  const { console: desk } = await callerFor()
  const group = await orNotFound(desk.addresses.group({ groupId }))
  const { kind, name, address, members } = group
  const values = { groupId }
  const noun = kind === 'list' ? 'list' : 'group'
  return (
    <>
      <PageHead
        title={name}
        lead={<span className="mono">{address}</span>}
        crumbs={[{ href: '/console/addresses', label: 'Addresses' }]}
      />
      <Flow>
        <Card labelledBy="members">
          <CardHeader
            id="members"
            title={countWords(members.length, 'member', 'members')}
            lead={
              kind === 'list'
                ? 'People here get it in their mailbox, the others by mail. Each mail of the list says how to leave it.'
                : 'Each message is put into their mailboxes.'
            }
          />
          {members.length === 0 ? (
            <Empty
              icon="users"
              title="Nobody is in it yet"
              text={`Until then, mail to the ${noun} is refused or goes nowhere.`}
            />
          ) : (
            <ul className="list">
              {members.map((member) => (
                <ListRow
                  key={member.id}
                  icon={member.accountId ? 'user' : 'external'}
                  title={<span className="mono cut">{member.address}</span>}
                  text={member.accountId ? undefined : 'Elsewhere'}
                  act={
                    <ConfirmAct
                      trigger="Take out"
                      triggerKind="quiet"
                      triggerSize="s"
                      title={`Take ${member.address} out?`}
                      text={`Nothing more of this ${noun} reaches them. Mail they have stays.`}
                      confirm="Take them out"
                      values={{ ...values, memberId: member.id }}
                      action={removeMember}
                    />
                  }
                />
              ))}
            </ul>
          )}
          <CardBody>
            <div className="max-w-md">
              <ActForm
                id="members"
                action={addMembers}
                values={values}
                submit="Add members"
                submitIcon="plus"
                refused="Nobody was added."
                fields={[
                  {
                    kind: 'lines',
                    name: 'addresses',
                    label: 'Addresses',
                    help:
                      kind === 'list'
                        ? 'One a line. People elsewhere should have asked for it.'
                        : 'One a line, of people in your organisation.',
                    required: true,
                    maxLength: 50_000,
                  },
                ]}
              />
            </div>
          </CardBody>
        </Card>
        <Card labelledBy="about">
          <CardHeader id="about" title="About it" />
          <CardBody>
            <div className="max-w-md">
              <ActForm
                key={`${name} ${group.posting}`}
                id="about"
                action={changeGroup}
                values={values}
                saved
                submit="Save"
                submitKind="plain"
                refused="Nothing was changed."
                fields={[
                  { name: 'name', label: 'Name', required: true, maxLength: 200, defaultValue: name },
                  {
                    name: 'description',
                    label: 'Note for other admins',
                    maxLength: 500,
                    defaultValue: group.description,
                  },
                  {
                    kind: 'radio',
                    name: 'posting',
                    label: 'Who may write to it',
                    defaultValue: group.posting,
                    options: POSTING_OPTIONS,
                  },
                ]}
              />
            </div>
          </CardBody>
        </Card>
        <Card labelledBy="end">
          <CardHeader
            id="end"
            title={`Remove this ${noun}`}
            lead="Mail to its address is refused from then on. What its members have got stays with them."
            aside={
              <ConfirmAct
                trigger={`Remove the ${noun}`}
                triggerKind="danger"
                title={`Remove ${name}?`}
                text={`${countWords(members.length, 'member loses', 'members lose')} it, and ${address} takes no more mail.`}
                confirm="Remove it"
                values={values}
                action={removeGroup}
              />
            }
          />
        </Card>
      </Flow>
    </>
  )
}
