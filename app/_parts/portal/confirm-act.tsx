'use client'
import { useRouter } from 'next/navigation'
import { ConfirmDialog, type ConfirmDialogProps, Input, Textarea, useToast } from '../../_ui'
import type { FormAct } from './act'

export type ConfirmActProps = Omit<ConfirmDialogProps, 'action' | 'fields'> & {
  action: FormAct
  /** Asks for a reason, with this sentence under it. */
  reason?: string
  /** Asks for one line of text instead. */
  ask?: { name: string; label: string; maxLength: number; value: string }
}

/** A question before something is lost, and its outcome in a toast. */
export function ConfirmAct({ action, reason, ask, ...dialog }: ConfirmActProps) {
  const say = useToast()
  const router = useRouter()
  async function run(form: FormData) {
    const { ok, errors } = await action({}, form)
    if (ok) {
      say({ text: ok.text })
      if (ok.to) {
        router.push(ok.to, { scroll: false })
        router.refresh()
      }
    }
    for (const { text } of errors ?? []) say({ text: `Not done: ${text}`, bad: true })
  }
  const fields = reason ? (
    <div className="field">
      <label htmlFor="confirm-reason">Reason</label>
      <Textarea
        id="confirm-reason"
        name="reason"
        rows={2}
        required
        maxLength={500}
        aria-describedby="confirm-reason-help"
      />
      <span className="help" id="confirm-reason-help">
        {reason}
      </span>
    </div>
  ) : ask ? (
    <div className="field">
      <label htmlFor={`confirm-${ask.name}`}>{ask.label}</label>
      <Input id={`confirm-${ask.name}`} name={ask.name} maxLength={ask.maxLength} defaultValue={ask.value} />
    </div>
  ) : undefined
  return <ConfirmDialog {...dialog} fields={fields} action={run} />
}
