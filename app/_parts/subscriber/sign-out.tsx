'use client'
import { signOut } from '../../_trpc/sign-in'
import { RailAction, useToast } from '../../_ui'

/** Ends the session on the server, then shows the public home with a full load, so that nothing of the account stays in memory. */
export function SignOut() {
  const say = useToast()
  async function leave() {
    try {
      await signOut()
      location.assign('/')
    } catch {
      say({ text: 'You are still signed in: the server cannot be reached. Please try again.', bad: true })
    }
  }
  return (
    <form action={leave}>
      <RailAction icon="logout" label="Sign out" />
    </form>
  )
}
