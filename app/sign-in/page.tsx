import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { currentActor } from '#server/auth/actor'
import { homeOf } from '#server/auth/home'
import { nextPath } from '#server/auth/next-path'
import { signInText } from '#server/auth/sign-in-text'
import { AuthCard } from '../_ui'
import { SignInForm } from './sign-in-form'

export const metadata: Metadata = { title: 'Sign in' }

type Query = Record<string, string | string[] | undefined>
const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)

/** One way in for everybody; each role then sees its own first page, or the one it was on its way to. */
export default async function SignInPage({ searchParams }: { searchParams: Promise<Query> }) {
  const query = await searchParams
  const next = one(query.next)
  const error = one(query.error)
  const actor = await currentActor()
  if (actor) redirect(nextPath(next, homeOf(actor.kind)))
  return (
    <AuthCard
      title="Sign in"
      lead="With your mail address, or the address you administer with."
      foot="Forgotten your password? Whoever manages your domain can set a new one. No mail is lost by it."
    >
      <SignInForm
        next={next ?? null}
        problem={error === undefined ? null : signInText(error)}
        changed={one(query.changed) === '1'}
      />
    </AuthCard>
  )
}
