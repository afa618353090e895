import type { Metadata } from 'next'
import type { MailPolicy } from '#lib/mail-policy'
import { requireActor } from '#server/auth/actor'
import { ActForm } from '../../_parts/portal/act-form'
import { SenderRules } from '../../_parts/portal/sender-rules'
import { callerFor } from '../../_trpc/server'
import { Card, CardBody, CardHeader, DataTable, Empty, Flow, PageHead, TimeText } from '../../_ui'
import { addSender, removeSender, setMailPolicy } from './acts'

export const metadata: Metadata = { title: 'Protection' }

const CAUSES = {
  spam: 'Looks like spam',
  dmarc: 'Failed the check of the sender’s domain',
  rule: 'Blocked by a rule',
  unscanned: 'Could not be scanned',
} as const

/** What becomes of incoming mail that is spam, forged or unknown; who is kept out; and how much waits. */
export default async function ProtectionPage() {
  await requireActor('domain-admin', '/console/protection')
  const { console: desk } = await callerFor()
  const [policy, senders, counts] = await Promise.all([
    desk.mailPolicy.get(),
    desk.senders.list(),
    desk.quarantine.overview(),
  ])
  return (
    <>
      <PageHead title="Protection" lead="What becomes of incoming mail that is spam, forged or from unknown senders." />
      <Flow>
        <PolicyCard policy={policy} />
        <SenderRules
          items={senders}
          add={addSender}
          remove={removeSender}
          lead="They hold for every mailbox of your organisation. A person’s own rule beats them."
        />
        <Card labelledBy="waiting">
          <CardHeader
            id="waiting"
            title="In quarantine"
            lead="Only counts. Sender and subject are sealed to the person it is for, who alone can release it."
          />
          <DataTable
            caption="Mail in quarantine by day and cause"
            columns={[
              { key: 'day', header: 'Arrived', cell: ({ day }) => <TimeText at={`${day}T00:00:00Z`} show="day" /> },
              { key: 'cause', header: 'Why', cell: ({ cause }) => CAUSES[cause] },
              {
                key: 'messages',
                header: 'Messages',
                align: 'right',
                phone: 'side',
                cell: ({ messages }) => <span className="num">{messages}</span>,
              },
            ]}
            rows={counts}
            rowKey={({ day, cause }) => `${day} ${cause}`}
            empty={
              <Empty icon="shieldCheck" title="Nothing waits" text="Mail that is put aside will be counted here." />
            }
          />
        </Card>
      </Flow>
    </>
  )
}

function PolicyCard({ policy }: { policy: MailPolicy }) {
  return (
    <Card labelledBy="policy">
      <CardHeader id="policy" title="Incoming mail" lead="Malicious files are refused whatever is chosen here." />
      <CardBody>
        <div className="max-w-md">
          <ActForm
            id="policy"
            action={setMailPolicy}
            submit="Save"
            saved
            refused="Not saved; everything is as it was."
            fields={[
              {
                kind: 'radio',
                name: 'spam',
                label: 'Spam',
                defaultValue: policy.spam,
                options: [
                  { value: 'junk', label: 'Into the Junk folder' },
                  {
                    value: 'quarantine',
                    label: 'Into quarantine',
                    help: 'Out of mail programs; its owner releases or deletes it on the web.',
                  },
                ],
              },
              {
                name: 'junkScoreTenths',
                label: 'Spam from how many points',
                help: 'Fewer points catch more, and more by mistake.',
                defaultValue: String(policy.junkScoreTenths / 10),
              },
              {
                name: 'rejectScoreTenths',
                label: 'Refused from how many points',
                help: 'The sender is told; nothing is kept.',
                defaultValue: String(policy.rejectScoreTenths / 10),
              },
              {
                kind: 'radio',
                name: 'dmarc',
                label: 'Mail that fails the check of its sender’s domain (DMARC)',
                defaultValue: policy.dmarc,
                options: [
                  { value: 'obey', label: 'Do as the domain asks' },
                  { value: 'note', label: 'Only note it', help: 'Forged mail in the name of others reaches people.' },
                ],
              },
              {
                kind: 'radio',
                name: 'greylist',
                label: 'Ask unknown senders to come again (greylisting)',
                defaultValue: policy.greylist,
                options: [
                  { value: 'off', label: 'Never' },
                  {
                    value: 'suspicious',
                    label: 'Where a message looks suspicious',
                    help: 'Their first message is some minutes late.',
                  },
                  { value: 'all', label: 'Always' },
                ],
              },
            ]}
          />
        </div>
      </CardBody>
    </Card>
  )
}
