'use client'
import { useRouter } from 'next/navigation'
import { type FormEvent, useRef, useState } from 'react'
import type { AppPasswordView } from '#server/services/credential/list'
import {
  Button,
  Card,
  CardBody,
  CardHeader,
  ConfirmDialog,
  Empty,
  Facts,
  FormErrors,
  InputField,
  ListRow,
  Note,
  TimeText,
  useToast,
} from '../../_ui'
import { CopyButton } from './copy-button'
import { doorWords } from './door-words'
import { useAct } from './use-act'

const LABEL_ID = 'app-label'

/** Passwords for mail apps: made, shown once, taken back. */
export function AppPasswords({ items, address }: { items: AppPasswordView[]; address: string }) {
  const router = useRouter()
  const form = useRef<HTMLFormElement>(null)
  const [made, setMade] = useState<{ label: string; password: string } | null>(null)
  const { busy, errors, run } = useAct(['label'])
  const labelError = errors.find((error) => error.field === 'label')?.text

  async function create(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const label = String(new FormData(event.currentTarget).get('label') ?? '').trim()
    const answer = await run((client) => client.dashboard.credentials.create.mutate({ label }))
    if (!answer.ok) return
    setMade({ label, password: answer.value.password })
    form.current?.reset()
    router.refresh()
  }

  return (
    <Card id="app-passwords" labelledBy="apps">
      <CardHeader
        id="apps"
        title="App passwords"
        lead="One for each phone or mail program. It opens your mail and nothing else: no settings, no password change."
      />
      <CardBody>
        <FormErrors
          errors={errors.map((error) => ({ ...error, field: error.field && LABEL_ID }))}
          title="No app password was made."
        />
        {made ? <Made {...made} address={address} onDone={() => setMade(null)} /> : null}
        <form ref={form} className="row many hi" onSubmit={(event) => void create(event)}>
          <div className="grow max-w-sm">
            <InputField
              id={LABEL_ID}
              name="label"
              label="New app password for"
              placeholder="Phone, laptop, …"
              required
              maxLength={100}
              autoComplete="off"
              error={labelError}
            />
          </div>
          <div className="self-end">
            <Button type="submit" kind="primary" busy={busy}>
              Make app password
            </Button>
          </div>
        </form>
      </CardBody>
      {items.length === 0 ? (
        <Empty
          icon="phone"
          title="No app password yet"
          text="Make one above for each mail app, then give the app your address and that password."
        />
      ) : (
        <ul className="list border-t border-line">
          {items.map((item) => (
            <AppRow
              key={item.id}
              item={item}
              onGone={() => setMade((now) => (now?.label === item.label ? null : now))}
            />
          ))}
        </ul>
      )}
    </Card>
  )
}

/** The one time the password is seen. */
function Made({
  label,
  password,
  address,
  onDone,
}: {
  label: string
  password: string
  address: string
  onDone: () => void
}) {
  return (
    <Note kind="good" live title={`The app password for “${label}” is made.`}>
      This is the only time it is shown: only its fingerprint is kept.
      <div className="stack near mt-3">
        <Facts
          items={[
            { term: 'User name', value: address, mono: true },
            { term: 'App password', value: <span data-testid="new-app-password">{password}</span>, mono: true },
          ]}
        />
        <div className="row many">
          <CopyButton text={password} label="Copy app password" />
          <Button size="s" onClick={onDone}>
            I have it
          </Button>
        </div>
      </div>
    </Note>
  )
}

function AppRow({ item, onGone }: { item: AppPasswordView; onGone: () => void }) {
  const router = useRouter()
  const say = useToast()
  const { run } = useAct()
  const { id, label, protocols, createdAt, lastUsedAt } = item
  const name = label || 'this app'

  async function revoke() {
    const answer = await run((client) => client.dashboard.credentials.revoke.mutate({ credentialId: id }))
    if (answer.ok) {
      onGone()
      say({ text: `The app password for ${name} is taken back.` })
    } else {
      say({ text: `The app password for ${name} was not taken back: it still works. Please try again.`, bad: true })
    }
    router.refresh()
  }

  return (
    <ListRow
      icon="phone"
      title={label || 'Without a name'}
      text={
        <>
          May {doorWords(protocols)} mail. Made <TimeText at={createdAt} show="day" />
          {lastUsedAt ? (
            <>
              , last used <TimeText at={lastUsedAt} show="short" />
            </>
          ) : (
            ', not used yet'
          )}
          .
        </>
      }
      act={
        <ConfirmDialog
          trigger="Take back"
          triggerKind="plain"
          triggerSize="s"
          title={`Take back the app password for ${name}?`}
          text="The app is signed out at once and can no longer read or send. Your other mail apps reconnect by themselves. No mail is lost."
          confirm="Take it back"
          action={revoke}
        />
      }
    />
  )
}
