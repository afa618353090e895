import { nextPath } from '#server/auth/next-path'
import { signInText } from '#server/auth/sign-in-text'
import { createClient } from './client'

/** What came of signing in: where to go, or what to say. */
export type SignInAnswer = { ok: true; to: string } | { ok: false; text: string }

/** Signs in with address and password, for every kind of person alike. Go to `to` with a full page load (`location.assign`). */
export async function signInWithPassword(input: {
  username: string
  password: string
  /** Where to go afterwards, a path of ours; the person's own first page without it. */
  next?: string | null
}): Promise<SignInAnswer> {
  try {
    const error = await post('callback/credentials', { username: input.username, password: input.password })
    if (error !== null) return { ok: false, text: signInText(error) }
    const who = await createClient().session.current.query()
    return who ? { ok: true, to: nextPath(input.next, who.home) } : { ok: false, text: signInText('') }
  } catch {
    return { ok: false, text: signInText('unavailable') }
  }
}

/** Ends the session on the server. Go to `/` with a full page load afterwards. */
export async function signOut(): Promise<void> {
  await post('signout', {})
}

/** Sends a form to next-auth with its CSRF token; the error it names, or null. */
async function post(action: string, fields: Record<string, string>): Promise<string | null> {
  const { csrfToken } = (await (await fetch('/api/auth/csrf')).json()) as { csrfToken: string }
  const answer = await fetch(`/api/auth/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...fields, csrfToken, callbackUrl: '/', json: 'true' }),
  })
  const { url } = (await answer.json()) as { url?: string }
  const error = url && URL.canParse(url) ? new URL(url).searchParams.get('error') : null
  return error ?? (answer.ok ? null : 'unavailable')
}
