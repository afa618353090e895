'use client'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button, Card, CardBody, CardHeader, FormErrors, FormFoot, Note, Range, SavedNote } from '../../_ui'
import { useAct } from './use-act'
import { countWords, dayWords, retentionMeaning } from './words'

export type RetentionFormProps = {
  /** What is in force. */
  days: number
  /** Deleted messages waiting now, as far as they were counted. */
  waiting: number
  more: boolean
}

/** The number of days, and what it means, before it is saved. */
export function RetentionForm({ days, waiting, more }: RetentionFormProps) {
  const router = useRouter()
  const [chosen, setChosen] = useState(days)
  const [inForce, setInForce] = useState(days)
  const [savedAt, setSavedAt] = useState<Date | null>(null)
  const { busy, errors, run } = useAct()
  const changed = chosen !== inForce

  async function save() {
    const answer = await run((client) => client.dashboard.retention.set.mutate({ recoverDays: chosen }))
    if (!answer.ok) return
    setInForce(chosen)
    setSavedAt(new Date())
    router.refresh()
  }

  return (
    <Card labelledBy="days">
      <CardHeader
        id="days"
        title="How long deleted mail stays recoverable"
        lead="Your own choice, within what your organisation allows. Nothing changes until you save."
      />
      <form action={() => void save()}>
        <CardBody>
          <FormErrors errors={errors} title="It was not saved; the days are as they were." />
          <div className="max-w-md">
            <Range
              label="Keep for"
              name="recoverDays"
              min={0}
              max={30}
              defaultValue={days}
              unit={['day', 'days']}
              ends={['0, gone at once', '30 days']}
              onPick={setChosen}
            />
          </div>
          <Note icon="trash" kind={changed && chosen < inForce ? 'warn' : 'info'}>
            {retentionMeaning(chosen)} {changed ? consequence(chosen, inForce, waiting, more) : null}
          </Note>
          <FormFoot>
            <Button type="submit" kind="primary" busy={busy} disabled={!changed}>
              {changed ? `Save ${dayWords(chosen)}` : `${dayWords(inForce)} in force`}
            </Button>
            <SavedNote at={savedAt} />
          </FormFoot>
        </CardBody>
      </form>
    </Card>
  )
}

/** What becomes of the mail that was deleted before: it keeps the days it had. */
function consequence(chosen: number, inForce: number, waiting: number, more: boolean): string {
  const direction = chosen < inForce ? 'This is shorter than now.' : 'This is longer than now.'
  if (waiting === 0) return `${direction} No deleted mail is waiting, so nothing else changes.`
  const count = more ? 'Mail' : countWords(waiting, 'message', 'messages')
  return `${direction} ${count} deleted before now keep the days they had.`
}
