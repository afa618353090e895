'use client'
import { useRouter } from 'next/navigation'
import { type FormEvent, useRef, useState } from 'react'
import type { AccessTokenView } from '#server/services/credential/list-access-tokens'
import {
  Button,
  Card,
  CardBody,
  CardHeader,
  Checkbox,
  ConfirmDialog,
  Empty,
  Facts,
  FieldError,
  FormErrors,
  InputField,
  ListRow,
  Note,
  SelectField,
  TimeText,
  useToast,
} from '../../_ui'
import { CopyButton } from './copy-button'
import { doorWords } from './door-words'
import { useAct } from './use-act'

const USES = [
  { value: 'imap', label: 'Read mail (IMAP)' },
  { value: 'pop3', label: 'Fetch mail (POP3)' },
  { value: 'submission', label: 'Send mail (SMTP)' },
] as const
const LIVES = [
  { value: '1', label: '1 hour' },
  { value: '24', label: '1 day' },
  { value: '168', label: '7 days' },
  { value: '720', label: '30 days' },
  { value: '2160', label: '90 days' },
]
/** Ids of the fields that the server may name. */
const IDS: Readonly<Record<string, string>> = { label: 'token-label', protocols: 'token-imap', hours: 'token-hours' }

interface NewToken {
  id: string
  label: string
  token: string
  expiresAt: Date
}

/** Tokens for programs that sign in with OAUTHBEARER or XOAUTH2: made, shown once, taken back, over by themselves. */
export function AccessTokens({ items, address }: { items: AccessTokenView[]; address: string }) {
  const [made, setMade] = useState<NewToken | null>(null)
  return (
    <Card id="access-tokens" labelledBy="tokens">
      <CardHeader
        id="tokens"
        title="Access tokens"
        lead="For programs and scripts that sign in with OAUTHBEARER or XOAUTH2. A token ends by itself on the day you choose."
      />
      <CardBody>
        {made ? <Made made={made} address={address} onDone={() => setMade(null)} /> : null}
        <NewTokenForm onMade={setMade} />
      </CardBody>
      {items.length === 0 ? (
        <Empty
          icon="key"
          title="No access token"
          text="Most mail apps want an app password instead. Make a token where a program asks for one."
        />
      ) : (
        <ul className="list border-t border-line">
          {items.map((item) => (
            <TokenRow key={item.id} item={item} onGone={() => setMade((now) => (now?.id === item.id ? null : now))} />
          ))}
        </ul>
      )}
    </Card>
  )
}

function NewTokenForm({ onMade }: { onMade: (made: NewToken) => void }) {
  const router = useRouter()
  const form = useRef<HTMLFormElement>(null)
  const { busy, errors, errorAt, run, setErrors } = useAct(Object.keys(IDS))

  async function create(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const data = new FormData(event.currentTarget)
    const label = String(data.get('label') ?? '').trim()
    const chosen = data.getAll('protocols')
    const protocols = USES.map(({ value }) => value).filter((one) => chosen.includes(one))
    if (protocols.length === 0) {
      setErrors([{ field: 'protocols', text: 'Choose at least one use.' }])
      return
    }
    const input = { label, protocols, hours: Number(data.get('hours')) }
    const answer = await run((client) => client.dashboard.accessTokens.create.mutate(input))
    if (!answer.ok) return
    onMade({ label, ...answer.value })
    form.current?.reset()
    router.refresh()
  }

  return (
    <form ref={form} className="stack" onSubmit={(event) => void create(event)}>
      <FormErrors
        errors={errors.map((error) => ({ ...error, field: error.field && IDS[error.field] }))}
        title="No access token was made."
      />
      <div className="row many hi">
        <div className="grow max-w-sm">
          <InputField
            id={IDS.label}
            name="label"
            label="New access token for"
            placeholder="Backup script, …"
            required
            maxLength={100}
            autoComplete="off"
            error={errorAt('label')}
          />
        </div>
        <SelectField
          id={IDS.hours}
          name="hours"
          label="Ends after"
          defaultValue="720"
          options={LIVES}
          error={errorAt('hours')}
        />
      </div>
      <fieldset className="radios" aria-describedby={errorAt('protocols') ? 'token-uses-err' : undefined}>
        <legend>It may</legend>
        <div className="stack near">
          {USES.map(({ value, label }) => (
            <Checkbox key={value} id={`token-${value}`} name="protocols" value={value} label={label} defaultChecked />
          ))}
        </div>
        {errorAt('protocols') ? <FieldError id="token-uses-err">{errorAt('protocols')}</FieldError> : null}
      </fieldset>
      <div>
        <Button type="submit" kind="primary" busy={busy}>
          Make access token
        </Button>
      </div>
    </form>
  )
}

/** The one time the token is seen. */
function Made({ made, address, onDone }: { made: NewToken; address: string; onDone: () => void }) {
  return (
    <Note kind="good" live title={`The access token for “${made.label}” is made.`}>
      This is the only time it is shown: only its fingerprint is kept. It ends on{' '}
      <TimeText at={made.expiresAt} show="full" />.
      <div className="stack near mt-3">
        <Facts
          items={[
            { term: 'User name', value: address, mono: true },
            {
              term: 'Access token',
              value: (
                <span className="break-all" data-testid="new-access-token">
                  {made.token}
                </span>
              ),
              mono: true,
            },
          ]}
        />
        <div className="row many">
          <CopyButton text={made.token} label="Copy access token" />
          <Button size="s" onClick={onDone}>
            I have it
          </Button>
        </div>
      </div>
    </Note>
  )
}

function TokenRow({ item, onGone }: { item: AccessTokenView; onGone: () => void }) {
  const router = useRouter()
  const say = useToast()
  const { run } = useAct()
  const { id, label, protocols, expiresAt, lastUsedAt } = item

  async function revoke() {
    const answer = await run((client) => client.dashboard.accessTokens.revoke.mutate({ tokenId: id }))
    if (answer.ok) {
      onGone()
      say({ text: `The access token for ${label} is taken back.` })
    } else {
      say({ text: `The access token for ${label} was not taken back: it still works. Please try again.`, bad: true })
    }
    router.refresh()
  }

  return (
    <ListRow
      icon="key"
      title={label}
      text={
        <>
          May {doorWords(protocols)} mail. Ends <TimeText at={expiresAt} show="full" />
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
          title={`Take back the access token for ${label}?`}
          text="The program is signed out at once and can no longer read or send. Your other mail apps reconnect by themselves. No mail is lost."
          confirm="Take it back"
          action={revoke}
        />
      }
    />
  )
}
