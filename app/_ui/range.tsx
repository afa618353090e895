'use client'
import { useEffect, useRef, useState } from 'react'

export type RangeProps = {
  label: string
  name: string
  id?: string
  min: number
  max: number
  step?: number
  defaultValue: number
  /** Words after the number, singular and plural: ["day", "days"]. */
  unit?: [one: string, many: string]
  /** Words under the two ends. */
  ends?: [low: string, high: string]
  help?: string
  onPick?: (value: number) => void
}

/** A slider that says its value in words while it moves. */
export function Range({
  label,
  name,
  id = name,
  min,
  max,
  step = 1,
  defaultValue,
  unit,
  ends,
  help,
  onPick,
}: RangeProps) {
  const [value, setValue] = useState(defaultValue)
  const input = useRef<HTMLInputElement>(null)
  // The filled part is set through the object model: a style attribute would be refused by the page's policy.
  useEffect(() => {
    input.current?.style.setProperty('--fill', `${((value - min) / (max - min || 1)) * 100}%`)
  }, [value, min, max])
  const words = unit ? `${value} ${value === 1 ? unit[0] : unit[1]}` : String(value)
  function take(next: number) {
    setValue(next)
    onPick?.(next)
  }
  return (
    <div className="field range">
      <label htmlFor={id}>
        {label} <output className="big">{words}</output>
      </label>
      <input
        ref={input}
        {...{ id, name, min, max, step }}
        type="range"
        value={value}
        aria-valuetext={words}
        aria-describedby={help ? `${id}-help` : undefined}
        onChange={(e) => take(e.currentTarget.valueAsNumber)}
      />
      {ends ? (
        <div className="ends t12 hint">
          <span>{ends[0]}</span>
          <span>{ends[1]}</span>
        </div>
      ) : null}
      {help ? (
        <span className="help" id={`${id}-help`}>
          {help}
        </span>
      ) : null}
    </div>
  )
}
