import { currentActor } from '#server/auth/actor'
import { csvOf, csvResponse } from '../../../_parts/portal/csv'
import { allOf } from '../../../_parts/portal/query'
import { callerFor } from '../../../_trpc/server'
import { listInput, peopleQuery } from '../people-list'

/** The people that fit search and filters, as CSV. */
export async function GET(request: Request): Promise<Response> {
  const actor = await currentActor()
  if (actor?.kind !== 'domain-admin') return new Response('There is nothing here.', { status: 404 })
  const { search, state, sort } = listInput(peopleQuery(Object.fromEntries(new URL(request.url).searchParams)))
  const { console: desk } = await callerFor()
  const people = await allOf((page) => desk.accounts.list({ search, state, sort, ...page }))
  const heads = ['Name', 'Address', 'Role', 'State', 'Days for deleted mail', 'Added', 'Closing on']
  const rows = people.map((p) => [p.name, p.address, p.role, p.state, p.recoverDays, p.createdAt, p.closingUntil])
  return csvResponse('people', csvOf(heads, rows))
}
