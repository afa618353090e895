import type { ReactNode } from 'react'
import { cx } from './cx'
import { FieldError } from './field'
import { Icon } from './icon'

export type RadioOption = { value: string; label: ReactNode; help?: ReactNode; disabled?: boolean }

type Common = {
  legend: ReactNode
  name: string
  defaultValue?: string
  /** For a controlled group on a client page. */
  value?: string
  onPick?: (value: string) => void
  error?: ReactNode
}

export type RadioGroupProps = Common & {
  options: RadioOption[]
  /** Each option a card of its own, side by side where there is room. */
  cards?: boolean
}

/** One of a few, each with what it means. */
export function RadioGroup({ legend, options, cards, error, ...rest }: RadioGroupProps) {
  return (
    <fieldset className="radios" aria-describedby={error ? `${rest.name}-err` : undefined}>
      <legend>{legend}</legend>
      <div className={cards ? 'radio-cards' : 'stack near'}>
        {options.map((o) => (
          // biome-ignore lint/a11y/noLabelWithoutControl: Dot is the control
          <label key={o.value} className={cx('choice', cards && 'boxed')}>
            <Dot {...rest} option={o} />
            <span>
              <span className={o.help ? 'lab' : undefined}>{o.label}</span>
              {o.help ? <span className="help">{o.help}</span> : null}
            </span>
          </label>
        ))}
      </div>
      {error ? <FieldError id={`${rest.name}-err`}>{error}</FieldError> : null}
    </fieldset>
  )
}

export type LevelProps = Common & {
  /** Heads of the yes/no columns: "Sends", "Signs in", "Receives". */
  columns: string[]
  /** `marks` in the order of `columns`. */
  options: (RadioOption & { marks: boolean[] })[]
}

/** A choice in levels: each row says in columns what still works and what stops. */
export function Level({ legend, columns, options, error, ...rest }: LevelProps) {
  return (
    <fieldset className="levels" aria-describedby={error ? `${rest.name}-err` : undefined}>
      <legend className="vh">{legend}</legend>
      <div className="lv-h" aria-hidden="true">
        <span className="lab t13">{legend}</span>
        {columns.map((c) => (
          <span key={c} className="t12 hint cap">
            {c}
          </span>
        ))}
      </div>
      <div className="lvls">
        {options.map((o) => (
          // biome-ignore lint/a11y/noLabelWithoutControl: Dot is the control
          <label className="lvl" key={o.value}>
            <Dot {...rest} option={o} />
            <span className="t">
              <span className="lab">{o.label}</span>
              {o.help ? <span className="two">{o.help}</span> : null}
            </span>
            {columns.map((c, i) => (
              <span key={c} className={o.marks[i] ? 'yes' : 'nope'}>
                <Icon name={o.marks[i] ? 'check' : 'close'} size={12} />
                <span className="vh">{`${c}: ${o.marks[i] ? 'yes' : 'no'}.`}</span>
              </span>
            ))}
          </label>
        ))}
      </div>
      {error ? <FieldError id={`${rest.name}-err`}>{error}</FieldError> : null}
    </fieldset>
  )
}

function Dot({
  name,
  value,
  defaultValue,
  onPick,
  option,
}: Omit<Common, 'legend' | 'error'> & { option: RadioOption }) {
  const held =
    value === undefined ? { defaultChecked: option.value === defaultValue } : { checked: option.value === value }
  return (
    <input
      type="radio"
      name={name}
      value={option.value}
      disabled={option.disabled}
      onChange={onPick ? () => onPick(option.value) : undefined}
      {...held}
    />
  )
}
