import type { ComponentProps, ReactNode } from 'react'
import { cx } from './cx'
import { Field, type FieldProps } from './field'
import { Icon } from './icon'

/** `mono` for keys, codes and addresses that are compared letter by letter. */
export type InputProps = ComponentProps<'input'> & { mono?: boolean }

/** A one-line field. */
export function Input({ mono, className, type = 'text', ...rest }: InputProps) {
  return <input {...rest} type={type} className={cx('input', mono && 'mono', className)} />
}

export type TextareaProps = ComponentProps<'textarea'> & { mono?: boolean }

/** A field of several lines. */
export function Textarea({ mono, className, rows = 3, ...rest }: TextareaProps) {
  return <textarea {...rest} rows={rows} className={cx('input', mono && 'mono', className)} />
}

/** `options` with their words, or `children` for groups. */
export type SelectProps = ComponentProps<'select'> & {
  options?: { value: string; label: string; disabled?: boolean }[]
}

/** One of a short list. */
export function Select({ options, className, children, ...rest }: SelectProps) {
  return (
    <span className={cx('select', className)}>
      <select {...rest} className="input">
        {options?.map((o) => (
          <option key={o.value} value={o.value} disabled={o.disabled}>
            {o.label}
          </option>
        ))}
        {children}
      </select>
      <Icon name="down" />
    </span>
  )
}

type Around = Pick<FieldProps, 'label' | 'help' | 'error' | 'aside'> & { name: string; id?: string }

/** `Field` and `Input` in one. */
export function InputField({ label, help, error, aside, name, id, ...rest }: Around & Omit<InputProps, 'name' | 'id'>) {
  return <Field {...{ label, help, error, aside, name, id }}>{(f) => <Input {...rest} {...f} />}</Field>
}

/** `Field` and `Textarea` in one. */
export function TextareaField({
  label,
  help,
  error,
  aside,
  name,
  id,
  ...rest
}: Around & Omit<TextareaProps, 'name' | 'id'>) {
  return <Field {...{ label, help, error, aside, name, id }}>{(f) => <Textarea {...rest} {...f} />}</Field>
}

/** `Field` and `Select` in one. */
export function SelectField({
  label,
  help,
  error,
  aside,
  name,
  id,
  ...rest
}: Around & Omit<SelectProps, 'name' | 'id'>) {
  return <Field {...{ label, help, error, aside, name, id }}>{(f) => <Select {...rest} {...f} />}</Field>
}

type Toggle = Omit<ComponentProps<'input'>, 'type' | 'children'> & { label: ReactNode; help?: ReactNode }

/** A box to tick, its words beside it. */
export type CheckboxProps = Toggle

/** A box to tick: chosen now, in force when the form is sent. */
export function Checkbox({ label, help, className, ...rest }: CheckboxProps) {
  return (
    <label className={cx('choice', className)}>
      <input {...rest} type="checkbox" />
      <span>
        <span className={help ? 'lab' : undefined}>{label}</span>
        {help ? <span className="help">{help}</span> : null}
      </span>
    </label>
  )
}

/** On or off, words at the left. */
export type SwitchProps = Toggle

/** A switch: on or off, words at the left. Say under it what off means. */
export function Switch({ label, help, className, ...rest }: SwitchProps) {
  return (
    <label className={cx('choice flip', className)}>
      <span>
        <span className="lab">{label}</span>
        {help ? <span className="help">{help}</span> : null}
      </span>
      {/* biome-ignore lint/a11y/useAriaPropsForRole: a checkbox tells its own state, aria-checked would contradict it */}
      <input {...rest} type="checkbox" role="switch" className="switch" />
    </label>
  )
}
