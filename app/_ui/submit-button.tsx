'use client'
import { useFormStatus } from 'react-dom'
import { Button, type ButtonProps } from './button'

/** The button of a form with a server action: busy while it runs. Primary unless said. `kind="plain"` takes that away. */
export type SubmitButtonProps = Omit<ButtonProps, 'kind' | 'type' | 'busy'> & { kind?: ButtonProps['kind'] | 'plain' }

export function SubmitButton({ kind = 'primary', ...rest }: SubmitButtonProps) {
  const { pending } = useFormStatus()
  return <Button {...rest} type="submit" busy={pending} kind={kind === 'plain' ? undefined : kind} />
}
