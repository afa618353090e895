import type { ReactNode } from 'react'
import { Icon } from './icon'

/** What a control needs to belong to its field; spread it: `{(f) => <Input {...f} />}`. */
export type FieldBinding = { id: string; name: string; 'aria-describedby'?: string; 'aria-invalid'?: true }

export type FieldProps = {
  label: ReactNode
  name: string
  /** Defaults to `name`; must be unique on the page and is what `FormErrors` links to. */
  id?: string
  /** Below the field. */
  help?: ReactNode
  /** What is wrong and how to mend it. */
  error?: ReactNode
  /** Beside the label, quiet: "optional". */
  aside?: ReactNode
  children: ReactNode | ((bind: FieldBinding) => ReactNode)
}

/** Label above, control, help and error below. With a function as child the control is bound to all three. */
export function Field({ label, name, id = name, help, error, aside, children }: FieldProps) {
  const said = [error && `${id}-err`, help && `${id}-help`].filter(Boolean).join(' ')
  const bind: FieldBinding = {
    id,
    name,
    'aria-describedby': said || undefined,
    'aria-invalid': error ? true : undefined,
  }
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {aside ? <span className="hint"> {aside}</span> : null}
      </label>
      {typeof children === 'function' ? children(bind) : children}
      {error ? <FieldError id={`${id}-err`}>{error}</FieldError> : null}
      {help ? (
        <span className="help" id={`${id}-help`}>
          {help}
        </span>
      ) : null}
    </div>
  )
}

/** The line beside a field that says what is wrong. */
export function FieldError({ id, children }: { id: string; children: ReactNode }) {
  return (
    <span className="err" id={id}>
      <Icon name="alert" />
      <span>{children}</span>
    </span>
  )
}
