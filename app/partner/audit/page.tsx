import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { AuditCard, auditFilter } from '../../_parts/portal/audit-page'
import { readAudit } from '../../_parts/portal/audit-read'
import { one, type Query } from '../../_parts/portal/query'
import { callerFor } from '../../_trpc/server'
import { Flow, PageHead } from '../../_ui'
import { withCustomer } from '../audit-rows'
import { customersOf } from '../customers'

export const metadata: Metadata = { title: 'Audit' }

export default async function AuditPage({ searchParams }: { searchParams: Promise<Query> }) {
  await requireActor('reseller', '/partner/audit')
  const query = await searchParams
  const filter = auditFilter(query)
  const after = one(query.after)
  const caller = await callerFor()
  const { items, next } = await readAudit((page) => caller.partner.reseller.audit(page), { ...filter, after })
  const rows = withCustomer(items, await customersOf(caller))
  return (
    <>
      <PageHead title="Audit" lead="Who did what at you and your customers, when, and the reason they gave." />
      <Flow>
        <AuditCard path="/partner/audit" {...{ filter, after, next, rows }} />
      </Flow>
    </>
  )
}
