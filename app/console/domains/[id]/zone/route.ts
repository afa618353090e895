import { currentActor } from '#server/auth/actor'
import { zoneResponse } from '../../../../_parts/portal/zone'
import { callerFor } from '../../../../_trpc/server'

/** The records that the page shows, as a zone file. */
export async function GET(_: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const actor = await currentActor()
  if (actor?.kind !== 'domain-admin') return new Response('There is nothing here.', { status: 404 })
  const { id } = await params
  const { console: desk } = await callerFor()
  return zoneResponse(desk.domains.dns({ domainId: id }))
}
