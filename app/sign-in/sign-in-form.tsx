'use client'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { signInWithPassword } from '../_trpc/sign-in'
import { Button, InputField, Note } from '../_ui'

export type SignInFormProps = {
  next: string | null
  /** What an earlier attempt left in the address. */
  problem: string | null
  /** The password was changed a moment ago, which ended every session. */
  changed: boolean
}

/** Address and password. What was typed stays after a refusal; the password is selected to be typed anew. */
export function SignInForm({ next, problem, changed }: SignInFormProps) {
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState(problem)
  // Until the page listens, a click would send the form as a plain one: the button waits that moment.
  const [ready, setReady] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => setReady(true), [])

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const data = new FormData(event.currentTarget)
    setBusy(true)
    setRefusal(null)
    const answer = await signInWithPassword({
      username: String(data.get('username') ?? '').trim(),
      password: String(data.get('password') ?? ''),
      next,
    })
    if (answer.ok) {
      location.assign(answer.to)
      return
    }
    setBusy(false)
    setRefusal(answer.text)
    form.current?.querySelector<HTMLInputElement>('#password')?.select()
  }

  return (
    <form ref={form} method="post" action="/sign-in" onSubmit={(event) => void send(event)}>
      {refusal ? (
        <Note kind="bad" live>
          {refusal}
        </Note>
      ) : null}
      {changed && !refusal ? (
        <Note kind="good">Your password is changed, and every session has ended. Sign in with the new one.</Note>
      ) : null}
      <InputField
        label="Address"
        name="username"
        type="email"
        autoComplete="username"
        inputMode="email"
        autoCapitalize="none"
        spellCheck={false}
        required
        autoFocus
      />
      <InputField label="Password" name="password" type="password" autoComplete="current-password" required />
      <Button type="submit" kind="primary" wide busy={busy} disabled={!ready}>
        Sign in
      </Button>
    </form>
  )
}
