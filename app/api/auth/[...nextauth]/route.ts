import type { NextRequest } from 'next/server'
import NextAuth from 'next-auth'
import { authOptions } from '#server/auth/options'
import { fromOwnPage } from '#server/auth/same-origin'
import { backend } from '#server/web/backend'

type Context = { params: Promise<{ nextauth: string[] }> }

/** What of next-auth is used; the rest (its pages, its log door for browsers) is not there. */
const USED: Readonly<Record<string, readonly string[]>> = {
  GET: ['csrf', 'session', 'signin', 'signout', 'error'],
  POST: ['callback/credentials', 'signout'],
}

async function handle(request: NextRequest, context: Context): Promise<Response> {
  const { nextauth } = await context.params
  if (!USED[request.method]?.includes(nextauth.join('/'))) return new Response(null, { status: 404 })
  if (request.method === 'POST' && !fromOwnPage(request.headers, backend().origins)) {
    return Response.json({ error: 'This request did not come from this site.' }, { status: 403 })
  }
  return NextAuth(request, context, authOptions())
}

export { handle as GET, handle as POST }
