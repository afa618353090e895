import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { allOf } from '../../_parts/portal/query'
import { RetentionForm } from '../../_parts/portal/retention-form'
import { callerFor } from '../../_trpc/server'
import { Card, CardBody, CardHeader, Flow, ListCard, ListRow, PageHead } from '../../_ui'
import { setRetention } from '../acts'

export const metadata: Metadata = { title: 'Retention' }

export default async function RetentionPage() {
  await requireActor('domain-admin', '/console/retention')
  const { console: desk } = await callerFor()
  const [policy, people] = await Promise.all([desk.retention.get(), allOf((page) => desk.accounts.list(page))])
  return (
    <>
      <PageHead title="Retention" lead="How long deleted mail may stay recoverable in your organisation." />
      <Flow>
        <Card labelledBy="ceiling">
          <CardHeader
            id="ceiling"
            title="Ceiling for deleted mail"
            lead="What new accounts begin with, and the most that anybody may choose. Nothing changes until you save."
          />
          <CardBody>
            <RetentionForm
              key={policy.recoverDays}
              days={policy.recoverDays}
              least={policy.least}
              most={policy.most}
              chosen={people.map(({ recoverDays }) => recoverDays)}
              action={setRetention}
            />
          </CardBody>
        </Card>
        <ListCard id="meaning" title="What this does not touch">
          <ListRow
            icon="mail"
            title="Mail nobody deleted"
            text="Stays until its owner deletes it or the account ends. No rule here removes it."
          />
          <ListRow
            icon="history"
            title="Mail deleted before"
            text="Keeps the days it had when it was deleted, whichever way you move the ceiling."
          />
        </ListCard>
      </Flow>
    </>
  )
}
