import type { ReactNode } from 'react'
import { pathOf, scaleOf } from './plot-scale'

/** Up to four figures side by side (two by two when narrow). */
export function Stats({ children }: { children: ReactNode }) {
  return <dl className="stats">{children}</dl>
}

export type StatProps = {
  label: ReactNode
  value: ReactNode
  /** Small, after the value: "of 500". */
  of?: ReactNode
  /** What changed, in words: "21 more than last month". */
  change?: ReactNode
  /** The last values, oldest first. */
  spark?: number[]
}

/** One figure with its change and a small line. */
export function Stat({ label, value, of, change, spark }: StatProps) {
  return (
    <div className="stat">
      <dt>{label}</dt>
      <dd className="v">
        {value}
        {of ? <small> {of}</small> : null}
      </dd>
      {change || spark ? (
        <dd className="foot">
          <span className="d">{change}</span>
          {spark ? <Spark values={spark} /> : null}
        </dd>
      ) : null}
    </div>
  )
}

/** A small line without axes. Decorative: the words beside it carry the meaning. */
export function Spark({ values }: { values: number[] }) {
  if (values.length < 2) return null
  const low = Math.min(...values)
  const high = Math.max(...values)
  const scale = scaleOf({ low, high: high === low ? low + 1 : high, count: values.length, inset: 8 })
  const line = pathOf(values, scale)
  return (
    <svg className="spark" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
      <path className="area" d={`${line}V100H0Z`} />
      <path d={line} />
    </svg>
  )
}
