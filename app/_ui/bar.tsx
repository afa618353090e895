import { cx } from './cx'

export type BarPart = { label: string; value: number; tone?: 'second' | 'third' | 'warn' | 'bad' | 'good' }
export type BarProps = {
  /** The whole in a sentence: "15.8 of 30 GB used". */
  label: string
  parts: BarPart[]
  /** What the full width stands for. */
  max: number
  large?: boolean
  /** Under the bar: what each part is, with its words. */
  legend?: { label: string; value: string; tone?: BarPart['tone'] | 'free' }[]
}

/** Parts of a whole. Widths are SVG attributes. */
export function Bar({ label, parts, max, large, legend }: BarProps) {
  let start = 0
  const placed = parts.map((p) => {
    const wide = max > 0 ? Math.min((Math.max(p.value, 0) / max) * 100, 100 - start) : 0
    const part = { ...p, start, wide }
    start += wide
    return part
  })
  const picture = (
    <svg className={cx('bar', large && 'l')} role="img" aria-label={label}>
      {placed.map((p) => (
        <rect
          key={p.label}
          className={p.tone}
          x={`${p.start.toFixed(2)}%`}
          width={`${p.wide.toFixed(2)}%`}
          height="100%"
        >
          <title>{p.label}</title>
        </rect>
      ))}
    </svg>
  )
  if (!legend) return picture
  return (
    <div className="stack">
      {picture}
      <dl className="legend">
        {legend.map((l) => (
          <div key={l.label}>
            <dt className={cx('key sq', l.tone)}>{l.label}</dt>
            <dd className="num">{l.value}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

/** `text` says it in words ("12.4 GB", "22 of 25"); from `warnAt` (a share of max, 0.9 unless said) the bar is amber, full red. */
export type MeterProps = { value: number; max: number; text: string; warnAt?: number }

/** A small bar with its words, for a table cell. */
export function Meter({ value, max, text, warnAt = 0.9 }: MeterProps) {
  const share = max > 0 ? Math.min(Math.max(value / max, 0), 1) : 0
  const tone = share >= 1 ? 'bad' : share >= warnAt ? 'warn' : 'second'
  return (
    <span className="meter">
      <svg className="bar" aria-hidden="true">
        <rect className={tone} width={`${(share * 100).toFixed(1)}%`} height="100%" />
      </svg>
      <span className={cx('num', share >= warnAt && tone)}>{text}</span>
    </span>
  )
}
