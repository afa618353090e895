'use client'
import { useRouter } from 'next/navigation'
import { type FormEvent, type ReactNode, startTransition, useActionState, useEffect, useRef } from 'react'
import {
  Button,
  type ButtonProps,
  FormErrors,
  FormFoot,
  InputField,
  RadioGroup,
  type RadioOption,
  SavedNote,
  SelectField,
  TextareaField,
  useToast,
} from '../../_ui'
import type { ActState, FormAct } from './act'

type Common = { name: string; label: string; help?: string; aside?: string; required?: boolean; defaultValue?: string }

/** One field in plain values, so that a server page can say what its form asks. */
export type FieldSpec =
  | (Common & {
      kind?: 'text' | 'email' | 'password' | 'number' | 'reason'
      min?: number
      max?: number
      maxLength?: number
      autoComplete?: string
      placeholder?: string
    })
  | (Common & { kind: 'lines'; maxLength: number; placeholder?: string })
  | (Common & { kind: 'select'; options: { value: string; label: string }[] })
  | (Common & { kind: 'radio'; options: RadioOption[] })

export type ActFormProps = {
  /** Makes the ids of its fields unique on the page. */
  id: string
  action: FormAct
  fields: readonly FieldSpec[]
  submit: string
  submitKind?: ButtonProps['kind'] | 'plain'
  submitIcon?: ButtonProps['icon']
  /** Hidden values sent along. */
  values?: Record<string, string>
  /** Says beside the button when it was saved, rather than in a toast. */
  saved?: boolean
  /** Head of the summary of errors: what was not done. */
  refused: string
  /** Between the fields and the button: what will happen. */
  children?: ReactNode
}

const idOf = (form: string, field: string) => `${form}-${field}`

/** A form of a portal: fields with their errors beside them and summed on top; what was typed stays after a refusal. */
export function ActForm({ id, action, fields, submit, submitKind = 'primary', submitIcon, ...rest }: ActFormProps) {
  const [state, dispatch, busy] = useActionState<ActState, FormData>(action, {})
  const form = useRef<HTMLFormElement>(null)
  const say = useToast()
  const router = useRouter()
  const { saved, refused, values, children } = rest
  const errors = (state.errors ?? []).map(({ field, text }) => {
    const known = fields.some((one) => one.name === field)
    return { text, field: known && field !== undefined ? idOf(id, field) : undefined, name: known ? field : undefined }
  })
  const done = state.ok
  // biome-ignore lint/correctness/useExhaustiveDependencies: said once for each outcome
  useEffect(() => {
    if (!done) return
    if (!saved) {
      say({ text: done.text })
      form.current?.reset()
    }
    if (!done.to) return
    router.push(done.to, { scroll: false })
    // The frame counts too: seats, domains.
    router.refresh()
  }, [done])

  function send(event: FormEvent<HTMLFormElement>) {
    // Not by `action`: React then empties the form also after a refusal.
    event.preventDefault()
    const data = new FormData(event.currentTarget)
    startTransition(() => dispatch(data))
  }

  return (
    <form ref={form} className="stack" onSubmit={send} aria-label={submit}>
      <FormErrors errors={errors} title={refused} />
      {fields.map((field) => (
        <OneField key={field.name} form={id} field={field} error={errors.find((e) => e.name === field.name)?.text} />
      ))}
      {Object.entries(values ?? {}).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {children}
      <FormFoot>
        <Button type="submit" kind={submitKind === 'plain' ? undefined : submitKind} icon={submitIcon} busy={busy}>
          {submit}
        </Button>
        {saved ? <SavedNote at={done?.at} text={done?.text} /> : null}
      </FormFoot>
    </form>
  )
}

function OneField({ form, field, error }: { form: string; field: FieldSpec; error?: string }) {
  const { name, label, help, aside, required, defaultValue } = field
  const around = { id: idOf(form, name), name, label, help, aside, error, required, defaultValue }
  switch (field.kind) {
    case 'select':
      return <SelectField {...around} options={field.options} />
    case 'radio':
      return <RadioGroup legend={label} name={name} options={field.options} defaultValue={defaultValue} error={error} />
    case 'lines': {
      const { maxLength, placeholder } = field
      return <TextareaField {...around} {...{ maxLength, placeholder }} rows={4} spellCheck={false} />
    }
    case 'reason':
      return <TextareaField {...around} rows={2} maxLength={500} placeholder={field.placeholder} />
    default: {
      const { kind = 'text', min, max, maxLength, placeholder } = field
      const { autoComplete = kind === 'password' ? 'new-password' : 'off' } = field
      const numeric = kind === 'number' ? ({ inputMode: 'numeric' } as const) : {}
      return (
        <InputField
          {...around}
          {...numeric}
          {...{ min, max, maxLength, placeholder }}
          type={kind}
          autoComplete={autoComplete}
          spellCheck={false}
        />
      )
    }
  }
}
