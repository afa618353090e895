'use client'
import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { Button, Card, CardBody, CardHeader, FormErrors, FormFoot, InputField, SavedNote } from '../../_ui'
import { useAct } from './use-act'

/** The name that stands beside the address in mail one sends. */
export function NameForm({ name }: { name: string }) {
  const router = useRouter()
  const [savedAt, setSavedAt] = useState<Date | null>(null)
  const { busy, errors, errorAt, run } = useAct(['name'])

  async function save(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const wanted = String(new FormData(event.currentTarget).get('name') ?? '').trim()
    const answer = await run((client) => client.dashboard.account.changeProfile.mutate({ name: wanted }))
    if (!answer.ok) return
    setSavedAt(new Date())
    router.refresh()
  }

  return (
    <Card labelledBy="name-title">
      <CardHeader
        id="name-title"
        title="Name"
        lead="Stands beside your address in what you send. Any name will do; it is kept encrypted."
      />
      <form onSubmit={(event) => void save(event)}>
        <CardBody>
          <FormErrors errors={errors} title="The name was not saved." />
          <div className="max-w-sm">
            <InputField
              label="Name"
              name="name"
              defaultValue={name}
              autoComplete="name"
              required
              maxLength={100}
              error={errorAt('name')}
            />
          </div>
          <FormFoot>
            <Button type="submit" busy={busy}>
              Save name
            </Button>
            <SavedNote at={savedAt} />
          </FormFoot>
        </CardBody>
      </form>
    </Card>
  )
}
