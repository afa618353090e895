import type { Metadata } from 'next'
import { requireActor } from '#server/auth/actor'
import { AuditCard, auditFilter } from '../../_parts/portal/audit-page'
import { readAudit } from '../../_parts/portal/audit-read'
import { one, type Query } from '../../_parts/portal/query'
import { callerFor } from '../../_trpc/server'
import { Flow, PageHead } from '../../_ui'
import { withWhom } from '../audit-rows'

export const metadata: Metadata = { title: 'Audit' }

export default async function AuditPage({ searchParams }: { searchParams: Promise<Query> }) {
  await requireActor('domain-admin', '/console/audit')
  const query = await searchParams
  const filter = auditFilter(query)
  const after = one(query.after)
  const caller = await callerFor()
  const { items, next } = await readAudit((page) => caller.console.tenant.audit(page), { ...filter, after })
  return (
    <>
      <PageHead title="Audit" lead="Who did what to whom in your organisation, when, and the reason they gave." />
      <Flow>
        <AuditCard path="/console/audit" {...{ filter, after, next }} rows={await withWhom(caller, items)} />
      </Flow>
    </>
  )
}
