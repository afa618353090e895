import { currentActor } from '#server/auth/actor'
import { zoneResponse } from '../../../../../_parts/portal/zone'
import { callerFor } from '../../../../../_trpc/server'

type Props = { params: Promise<{ customer: string; id: string }> }

/** The records that the page shows, as a zone file. */
export async function GET(_: Request, { params }: Props): Promise<Response> {
  const actor = await currentActor()
  if (actor?.kind !== 'reseller') return new Response('There is nothing here.', { status: 404 })
  const { customer, id } = await params
  const { partner } = await callerFor()
  return zoneResponse(partner.domains.dns({ tenantId: customer, domainId: id }))
}
