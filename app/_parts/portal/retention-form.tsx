'use client'
import { startTransition, useActionState, useState } from 'react'
import { Button, FormErrors, FormFoot, Note, Range, SavedNote } from '../../_ui'
import { dayWords } from '../subscriber/words'
import type { ActState, FormAct } from './act'

export type RetentionFormProps = {
  days: number
  least: number
  most: number
  /** The days of each account now, to say before the click whom a lower ceiling touches. */
  chosen: readonly number[]
  action: FormAct
}

/** The ceiling for deleted mail, and what it means for whom, before it is saved. */
export function RetentionForm({ days, least, most, chosen, action }: RetentionFormProps) {
  const [state, dispatch, busy] = useActionState<ActState, FormData>(action, {})
  const [wanted, setWanted] = useState(days)
  const lowered = chosen.filter((own) => own > wanted).length
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        const data = new FormData(event.currentTarget)
        startTransition(() => dispatch(data))
      }}
    >
      <FormErrors errors={state.errors ?? []} title="Not saved; the ceiling is as it was." />
      <div className="max-w-md">
        <Range
          label="At most"
          name="recoverDays"
          min={least}
          max={most}
          defaultValue={days}
          unit={['day', 'days']}
          ends={[`${least}, gone at once`, `${most} days`]}
          onPick={setWanted}
        />
      </div>
      <Note kind={lowered > 0 ? 'warn' : 'info'} icon="trash">
        {consequence(wanted, lowered)}
      </Note>
      <FormFoot>
        <Button type="submit" kind="primary" busy={busy} disabled={wanted === days}>
          {wanted === days ? `${dayWords(days)} in force` : `Save ${dayWords(wanted)}`}
        </Button>
        <SavedNote at={state.ok?.at} />
      </FormFoot>
    </form>
  )
}

function consequence(days: number, lowered: number): string {
  const rule =
    days === 0
      ? 'Deleted mail is destroyed at once, with its key, for everybody.'
      : `Each person chooses 0 to ${days} days; then deleted mail is destroyed with its key, in backups too.`
  if (lowered === 0) return `${rule} Nobody’s own choice changes. New accounts begin with ${dayWords(days)}.`
  const who = lowered === 1 ? '1 person is' : `${lowered.toLocaleString('en-GB')} people are`
  return `${rule} ${who} lowered to ${dayWords(days)}. Mail they deleted before keeps the days it had.`
}
