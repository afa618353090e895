import type { ReactNode } from 'react'

/** `mono` for keys and codes. */
export type FactsProps = { items: { term: string; value: ReactNode; mono?: boolean }[] }

/** Terms and what they are. */
export function Facts({ items }: FactsProps) {
  return (
    <dl className="facts">
      {items.map((f) => (
        <div key={f.term}>
          <dt>{f.term}</dt>
          <dd className={f.mono ? 'mono' : undefined}>{f.value}</dd>
        </div>
      ))}
    </dl>
  )
}
