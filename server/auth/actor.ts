import { cookies } from 'next/headers'
import { redirect } from 'next/navigation'
import { cache } from 'react'
import { COOKIES } from '#server/auth/cookies'
import { homeOf } from '#server/auth/home'
import { nextPath } from '#server/auth/next-path'
import type { Actor } from '#server/services'
import type { FoundLiveSession } from '#server/services/session/read-session'
import { backend } from '#server/web/backend'

/** The kinds of person a part of the site is for. A domain admin also has a mailbox, so `subscriber` lets them in. */
export type Audience = 'subscriber' | 'domain-admin' | 'reseller' | 'operator'
type ActorFor<A extends Audience> = A extends 'subscriber'
  ? Extract<Actor, { kind: 'subscriber' | 'domain-admin' }>
  : Extract<Actor, { kind: A }>

/** The session of the request that a server component renders, asked once a request. */
export const currentSession = cache(async (): Promise<FoundLiveSession | null> => {
  const token = (await cookies()).get(COOKIES.session)?.value
  return token === undefined ? null : backend().findSession(token)
})

/** Whoever is signed in, or null. */
export const currentActor = async (): Promise<Actor | null> => (await currentSession())?.actor ?? null

/**
 * Whoever is signed in, if this part of the site is for them; others are sent to sign in and back to `here` (a path of ours), or
 * to their own first page. A page shows nothing by this alone: each procedure asks again.
 */
export async function requireActor<A extends Audience>(audience: A, here = '/'): Promise<ActorFor<A>> {
  const actor = await currentActor()
  if (!actor) redirect(`/sign-in?next=${encodeURIComponent(nextPath(here))}`)
  if (!isFor(actor, audience)) redirect(homeOf(actor.kind))
  return actor
}

function isFor<A extends Audience>(actor: Actor, audience: A): actor is ActorFor<A> {
  return actor.kind === audience || (audience === 'subscriber' && actor.kind === 'domain-admin')
}
