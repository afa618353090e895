import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { AuditTable } from '../../_parts/portal/audit-table'
import { hrefOf, one, type Query } from '../../_parts/portal/query'
import { callerFor } from '../../_trpc/server'
import { Card, PageHead, Pager } from '../../_ui'

export const metadata: Metadata = { title: 'Audit' }

export default async function AuditPage({ searchParams }: { searchParams: Promise<Query> }) {
  await requireActor('operator', '/operator/audit')
  const after = one((await searchParams).after)
  const { operator } = await callerFor()
  const { items, next } = await operator.audit.list({ after, limit: 50 })
  return (
    <>
      <PageHead
        title="Audit"
        lead="What the operator did that concerns no reseller. Each reseller’s acts stand at the reseller."
      />
      <Card label="Audit">
        <AuditTable
          rows={items.map((item) => ({ ...item, about: null }))}
          empty="Acts that concern no reseller appear here within a second."
        />
        {items.length > 0 ? (
          <Pager
            text={after ? `${items.length} earlier acts` : `The latest ${items.length}`}
            words={['Newest', 'Earlier']}
            earlierHref={after ? '/operator/audit' : undefined}
            laterHref={next ? hrefOf('/operator/audit', { after: next }) : undefined}
          />
        ) : null}
      </Card>
    </>
  )
}
