import { currentActor } from '#server/auth/actor'
import { csvOf, csvResponse } from '../../../_parts/portal/csv'
import { allOf } from '../../../_parts/portal/query'
import { callerFor } from '../../../_trpc/server'
import { customerQuery } from '../customer-list'

/** The customers that fit the search, as CSV. */
export async function GET(request: Request): Promise<Response> {
  const actor = await currentActor()
  if (actor?.kind !== 'reseller') return new Response('There is nothing here.', { status: 404 })
  const { q } = customerQuery(Object.fromEntries(new URL(request.url).searchParams))
  const { partner } = await callerFor()
  const customers = await allOf((page) => partner.tenants.list({ search: q, ...page }))
  const heads = ['Customer', 'State', 'Region', 'Seats used', 'Seats', 'Domains', 'Days for deleted mail', 'Since']
  const rows = customers.map((c) => [
    c.name,
    c.state,
    c.region,
    c.seats.used,
    c.seats.cap,
    c.domains.used,
    c.recoverDays,
    c.createdAt,
  ])
  return csvResponse('customers', csvOf(heads, rows))
}
