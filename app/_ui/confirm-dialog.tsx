'use client'
import { type ReactNode, useId, useState, useTransition } from 'react'
import { Button, type ButtonProps } from './button'
import { Dialog } from './dialog'
import { Icon } from './icon'
import type { IconName } from './icons'

export type ConfirmDialogProps = {
  /** The words of the button that opens it. */
  trigger: string
  triggerIcon?: IconName
  triggerKind?: ButtonProps['kind'] | 'plain'
  triggerSize?: ButtonProps['size']
  title: string
  /** What will happen, in full: "Deletes 1,204 messages and their backups after 14 days." */
  text: ReactNode
  /** What will be lost, one line each. */
  lost?: string[]
  /** When it cannot be undone: the name that must be typed first. Sent as `typed`. */
  typeToConfirm?: string
  /** The words of the act, not "OK": "Close and delete". */
  confirm: string
  /** The words of the way out: "Keep". */
  cancel?: string
  /** Not destructive: the act is then the primary button. */
  harmless?: boolean
  /** Hidden values sent with the form. */
  values?: Record<string, string>
  /** More fields: a reason. */
  fields?: ReactNode
  /** A server action or a function; the dialog shuts when it is done. Thrown errors reach the error boundary. */
  action: (data: FormData) => unknown
}

/** A button, and the question it asks before something is lost. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const {
    trigger,
    triggerIcon,
    triggerKind = 'danger',
    triggerSize,
    title,
    text,
    lost,
    typeToConfirm,
    fields,
    action,
  } = props
  const [open, setOpen] = useState(false)
  const [typed, setTyped] = useState('')
  const [busy, start] = useTransition()
  const inputId = useId()
  const ready = !typeToConfirm || typed.trim() === typeToConfirm
  function shut() {
    setOpen(false)
    setTyped('')
  }
  function send(data: FormData) {
    start(async () => {
      await action(data)
      shut()
    })
  }
  return (
    <>
      <Button
        kind={triggerKind === 'plain' ? undefined : triggerKind}
        size={triggerSize}
        icon={triggerIcon}
        onClick={() => setOpen(true)}
      >
        {trigger}
      </Button>
      <Dialog open={open} onClose={shut} title={title}>
        <form action={send} className="stack">
          <div className="two">{text}</div>
          {lost?.length ? (
            <ul className="lost">
              {lost.map((line) => (
                <li key={line}>
                  <Icon name="trash" />
                  <span>{line}</span>
                </li>
              ))}
            </ul>
          ) : null}
          {fields}
          {typeToConfirm ? (
            <div className="field">
              <label htmlFor={inputId}>
                Type <b>{typeToConfirm}</b> to confirm
              </label>
              <input
                id={inputId}
                className="input"
                name="typed"
                autoComplete="off"
                spellCheck={false}
                value={typed}
                onChange={(e) => setTyped(e.currentTarget.value)}
              />
            </div>
          ) : null}
          {Object.entries(props.values ?? {}).map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
          <div className="acts">
            <Button onClick={shut}>{props.cancel ?? 'Keep'}</Button>
            <Button type="submit" kind={props.harmless ? 'primary' : 'danger'} disabled={!ready} busy={busy}>
              {props.confirm}
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  )
}
