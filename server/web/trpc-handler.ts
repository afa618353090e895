import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { COOKIES, readCookie } from '#server/auth/cookies'
import { fromOwnScript } from '#server/auth/same-origin'
import { appRouter } from '#server/routers/index'
import type { ServiceContext } from '#server/services'
import { readSession } from '#server/services/session/read-session'
import type { RequestContext } from '#server/trpc'

/** Calls in one request: a page's worth, and no way to make one request count as five hundred (W-10). */
const BATCH_MOST = 10

/** Answers /api/trpc. Queries come by GET or POST; what changes anything only by POST with JSON from our own pages. */
export function createTrpcHandler(
  services: ServiceContext,
  origins: readonly string[],
): (request: Request) => Promise<Response> {
  return async (request) => {
    const refusal = refuse(request, origins)
    if (refusal) return refusal
    return fetchRequestHandler({
      endpoint: '/api/trpc',
      req: request,
      router: appRouter,
      allowBatching: true,
      maxBatchSize: BATCH_MOST,
      // Long inputs of queries travel in a body; what is a query is decided by the procedure, so this lets no mutation through GET.
      allowMethodOverride: true,
      createContext: async (): Promise<RequestContext> => {
        const token = readCookie(request.headers.get('cookie'), COOKIES.session)
        const session = token === null ? null : await readSession(services, token)
        return { services, session, source: request.method === 'POST' ? 'same-origin-post' : 'other' }
      },
      responseMeta: () => ({ headers: { 'cache-control': 'no-store' } }),
    })
  }
}

/** A POST that is not JSON from a script of ours, or a read that another site caused, never reaches a procedure. */
function refuse(request: Request, origins: readonly string[]): Response | null {
  const forbidden = () => Response.json({ error: 'This request did not come from this site.' }, { status: 403 })
  const site = request.headers.get('sec-fetch-site')
  if (request.method === 'POST') {
    const json = /^application\/json\s*(?:;|$)/i.test(request.headers.get('content-type') ?? '')
    return json && fromOwnScript(request.headers, origins) ? null : forbidden()
  }
  return site === null || site === 'same-origin' || site === 'none' ? null : forbidden()
}
