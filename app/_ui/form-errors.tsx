'use client'
import { useEffect, useRef } from 'react'
import { Icon } from './icon'

/** `field` is the id of the control at fault; without one the line is said and leads nowhere. */
export type FormError = { field?: string; text: string }
export type FormErrorsProps = { errors: FormError[]; title?: string }

/** All that must be mended, above the form, each line leading to its field. Takes the focus when it appears. */
export function FormErrors({ errors, title }: FormErrorsProps) {
  const box = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new list is a new attempt, and must be heard again
  useEffect(() => {
    box.current?.focus()
  }, [errors])
  if (errors.length === 0) return null
  const head =
    title ??
    (errors.length === 1 ? 'One thing to mend before saving.' : `${errors.length} things to mend before saving.`)
  return (
    <div className="note bad" role="alert" tabIndex={-1} ref={box}>
      <Icon name="alert" />
      <div>
        <b>{head}</b>
        <ul>
          {errors.map((e) => (
            <li key={`${e.field}${e.text}`}>{e.field ? <a href={`#${e.field}`}>{e.text}</a> : e.text}</li>
          ))}
        </ul>
      </div>
    </div>
  )
}
