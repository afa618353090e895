'use client'
import { useRouter } from 'next/navigation'
import { type FormEvent, useRef, useState } from 'react'
import { signInWithPassword } from '../../_trpc/sign-in'
import { Button, Card, CardBody, CardHeader, Checkbox, FormErrors, FormFoot, InputField, SavedNote } from '../../_ui'
import { useAct } from './use-act'

const FIELDS = ['current', 'password', 'again'] as const

/**
 * The owner's own new password. The change ends every session, this one included; the page signs in again with the new password, so
 * that its owner stays where they are. `apps`: how many app passwords and access tokens there are.
 */
export function PasswordForm({ address, apps }: { address: string; apps: number }) {
  const router = useRouter()
  const form = useRef<HTMLFormElement>(null)
  const [savedAt, setSavedAt] = useState<Date | null>(null)
  const { busy, errors, errorAt, run, setErrors } = useAct(FIELDS)

  async function change(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const data = new FormData(event.currentTarget)
    const text = (name: string) => String(data.get(name) ?? '')
    if (text('password') !== text('again')) {
      setErrors([{ field: 'again', text: 'The two new passwords differ.' }])
      return
    }
    const answer = await run((client) =>
      client.dashboard.account.changePassword.mutate({
        current: text('current'),
        password: text('password'),
        revokeAppPasswords: data.get('revoke') === 'on',
      }),
    )
    if (!answer.ok) return
    const back = await signInWithPassword({ username: address, password: text('password') })
    if (!back.ok) {
      location.assign('/sign-in?changed=1&next=/dashboard/security')
      return
    }
    form.current?.reset()
    setSavedAt(new Date())
    router.refresh()
  }

  return (
    <Card id="change-password" labelledBy="password-title">
      <CardHeader
        id="password-title"
        title="Password"
        lead="No mail is lost by a change: keys are wrapped, never made from a password."
      />
      <form ref={form} onSubmit={(event) => void change(event)}>
        <CardBody>
          <FormErrors errors={errors} title="Your password was not changed." />
          {/* Password managers look for the name that a new password belongs to. */}
          <input type="hidden" name="username" autoComplete="username" value={address} readOnly />
          <div className="stack max-w-sm">
            <InputField
              label="Present password"
              name="current"
              type="password"
              autoComplete="current-password"
              required
              error={errorAt('current')}
            />
            <InputField
              label="New password"
              name="password"
              type="password"
              autoComplete="new-password"
              required
              minLength={12}
              help="12 characters or more. Passwords known from break-ins are refused; the check happens on this server."
              error={errorAt('password')}
            />
            <InputField
              label="New password again"
              name="again"
              type="password"
              autoComplete="new-password"
              required
              error={errorAt('again')}
            />
          </div>
          {apps > 0 ? (
            <Checkbox
              name="revoke"
              label="Take back all app passwords and access tokens too"
              help="Choose this if somebody else may have got in: every mail app and program then needs a new one."
            />
          ) : null}
          <FormFoot>
            <Button type="submit" busy={busy}>
              Change password
            </Button>
            <SavedNote at={savedAt} text="Changed, other browsers signed out," />
          </FormFoot>
        </CardBody>
      </form>
    </Card>
  )
}
