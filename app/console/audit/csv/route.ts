import { currentActor } from '#server/auth/actor'
import { auditFilter } from '../../../_parts/portal/audit-page'
import { auditCsv, readAudit } from '../../../_parts/portal/audit-read'
import { csvResponse } from '../../../_parts/portal/csv'
import { one } from '../../../_parts/portal/query'
import { callerFor } from '../../../_trpc/server'
import { withWhom } from '../../audit-rows'

/** The acts that the page shows, as CSV. */
export async function GET(request: Request): Promise<Response> {
  const actor = await currentActor()
  if (actor?.kind !== 'domain-admin') return new Response('There is nothing here.', { status: 404 })
  const query = Object.fromEntries(new URL(request.url).searchParams)
  const caller = await callerFor()
  const list = (page: { after?: string; limit: number }) => caller.console.tenant.audit(page)
  const { items } = await readAudit(list, { ...auditFilter(query), after: one(query.after) })
  return csvResponse('audit', auditCsv(await withWhom(caller, items)))
}
