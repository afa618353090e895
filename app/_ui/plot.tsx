import { cx } from './cx'
import { pathOf, type Scale, scaleOf, ticksOf } from './plot-scale'

export type PlotSeries = {
  label: string
  /** As many as `x`; null where nothing is known. */
  values: (number | null)[]
  /** `main` is filled below; `second` is grey; `third` lighter; `guess` a dashed continuation of main. First is main, next second. */
  kind?: 'main' | 'second' | 'third' | 'guess'
}

export type PlotProps = {
  /** The finding in a sentence, for who cannot see it. */
  label: string
  /** What is counted: "Seats used, end of month". */
  unit: string
  /** Words of the x axis, one per value; as many are shown as fit. */
  x: string[]
  series: PlotSeries[]
  /** A limit, dotted. */
  cap?: { value: number; label: string }
  height?: 'short' | 'tall'
  /** Lowest value of the axis; 0 unless said. */
  from?: number
  format?: (value: number) => string
  /** Head of the first column of the table: "Month". */
  xHead?: string
}

/** Lines over time with labelled axes. Everything is placed by SVG attributes, so no style attribute is needed and type never scales. */
export function Plot(props: PlotProps) {
  const { label, unit, x, series, cap, height, from = 0, format = plain, xHead = 'When' } = props
  const known = series.flatMap((s) => s.values.filter((v): v is number => v !== null))
  const ticks = ticksOf(from, Math.max(from, ...known, cap?.value ?? from))
  const low = ticks[0] ?? 0
  const scale = scaleOf({ low, high: ticks.at(-1) ?? 1, count: x.length })
  return (
    <figure className="stack near">
      <div className={cx('plot', height)}>
        <div className="unit">
          <span>{unit}</span>
          {series.length > 1 || cap ? <Keys series={series} cap={cap} /> : null}
        </div>
        <div className="y" aria-hidden="true">
          {ticks.toReversed().map((t) => (
            <span key={t}>{format(t)}</span>
          ))}
        </div>
        <div className="area">
          <svg role="img" aria-label={label}>
            {ticks.map((t) => (
              <line
                key={t}
                className={cx('g', t === low && 'base')}
                x1="0"
                x2="100%"
                y1={pc(scale.y(t))}
                y2={pc(scale.y(t))}
              />
            ))}
            <Lines series={series} scale={scale} count={x.length} />
            {cap ? (
              <line className="cap" x1="0" x2="100%" y1={pc(scale.y(cap.value))} y2={pc(scale.y(cap.value))} />
            ) : null}
            <EndPoints series={series} scale={scale} />
            <Readings {...{ x, series, scale, format }} />
          </svg>
        </div>
        <AxisX words={x} scale={scale} />
      </div>
      <AsTable {...{ label, xHead, x, series, format }} />
    </figure>
  )
}

function kindOf(series: PlotSeries, index: number) {
  return series.kind ?? (['main', 'second', 'third'] as const)[Math.min(index, 2)] ?? 'third'
}

/** The main series is the plain look of its parts; "main" is the page's own class. */
function classOf(kind: PlotSeries['kind']) {
  return kind !== 'main' && kind
}

function Keys({ series, cap }: Pick<PlotProps, 'series' | 'cap'>) {
  return (
    <span className="keys">
      {series.map((s, i) => (
        <span key={s.label} className={cx('key', classOf(kindOf(s, i)))}>
          {s.label}
        </span>
      ))}
      {cap ? <span className="key cap-k">{cap.label}</span> : null}
    </span>
  )
}

/** Paths know no percentages: they live in a stretched inner drawing whose strokes do not stretch. */
function Lines({ series, scale, count }: { series: PlotSeries[]; scale: Scale; count: number }) {
  const main = series.find((s, i) => kindOf(s, i) === 'main')
  return (
    <svg
      viewBox="0 0 100 100"
      preserveAspectRatio="none"
      aria-hidden="true"
      width="100%"
      height="100%"
      overflow="visible"
    >
      {main && count > 1
        ? runsOf(main.values).map((run) => <path key={run.start} className="af" d={areaOf(run, scale)} />)
        : null}
      {series.toReversed().map((s, i) => (
        <path
          key={s.label}
          className={cx('ln', classOf(kindOf(s, series.length - 1 - i)))}
          d={pathOf(s.values, scale)}
        />
      ))}
    </svg>
  )
}

type Run = { start: number; values: number[] }

/** Stretches without a gap. */
function runsOf(values: (number | null)[]): Run[] {
  const runs: Run[] = []
  values.forEach((v, i) => {
    if (v === null) return
    const open = runs.at(-1)
    if (open && open.start + open.values.length === i) open.values.push(v)
    else runs.push({ start: i, values: [v] })
  })
  return runs
}

function areaOf(run: Run, scale: Scale): string {
  const points = run.values.map((v, i) => `${scale.x(run.start + i)} ${scale.y(v)}`)
  return `M${scale.x(run.start)} 100L${points.join('L')}V100Z`
}

function EndPoints({ series, scale }: { series: PlotSeries[]; scale: Scale }) {
  return series.map((s, i) => {
    const kind = kindOf(s, i)
    const last = s.values.findLastIndex((v) => v !== null)
    const value = s.values[last]
    if (kind === 'guess' || value === null || value === undefined) return null
    return (
      <circle
        key={s.label}
        className={cx('end-pt', classOf(kind))}
        cx={pc(scale.x(last))}
        cy={pc(scale.y(value))}
        r="3.5"
      />
    )
  })
}

/** Under the pointer: a line, and what every series says there. Drawn by CSS alone. */
function Readings({
  x,
  series,
  scale,
  format,
}: Pick<PlotProps, 'x' | 'series'> & { scale: Scale; format: (v: number) => string }) {
  if (x.length < 2 || x.length > 120) return null
  const wide = 100 / (x.length - 1)
  return (
    <g className="readings">
      {x.map((word, i) => {
        const at = scale.x(i)
        const said = series.flatMap((s) => {
          const v = s.values[i]
          return v === null || v === undefined ? [] : [series.length > 1 ? `${format(v)} ${s.label}` : format(v)]
        })
        const anchor = at > 70 ? 'end' : at < 30 ? 'start' : 'middle'
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the place is the identity; words may repeat
          <g key={i}>
            <rect x={pc(at - wide / 2)} width={pc(wide)} y="0" height="100%" />
            <line x1={pc(at)} x2={pc(at)} y1="0" y2="100%" />
            <text x={pc(at)} y="-6" textAnchor={anchor}>{`${word}: ${said.join(', ') || 'nothing known'}`}</text>
          </g>
        )
      })}
    </g>
  )
}

function AxisX({ words, scale }: { words: string[]; scale: Scale }) {
  const every = Math.max(1, Math.ceil(words.length / 8))
  const last = words.length - 1
  const shown = words.flatMap((word, i) =>
    i % every === 0 && (i === last || last - i >= every || last % every === 0) ? [{ word, i }] : [],
  )
  if (last > 0 && shown.at(-1)?.i !== last) shown.push({ word: words[last] ?? '', i: last })
  return (
    <svg className="x" aria-hidden="true">
      {shown.map(({ word, i }, n) => (
        <text
          key={i}
          x={pc(scale.x(i))}
          y="12"
          className={cx(n % 2 === 1 && i !== last && 'not-s')}
          textAnchor={last === 0 ? 'middle' : i === 0 ? 'start' : i === last ? 'end' : 'middle'}
        >
          {word}
        </text>
      ))}
    </svg>
  )
}

function AsTable({
  label,
  xHead,
  x,
  series,
  format,
}: Pick<PlotProps, 'label' | 'x' | 'series'> & { xHead: string; format: (v: number) => string }) {
  return (
    <details className="as-table">
      <summary>Show as a table</summary>
      <div className="as-table-in">
        <table className="tbl">
          <caption className="vh">{label}</caption>
          <thead>
            <tr>
              <th scope="col">{xHead}</th>
              {series.map((s) => (
                <th key={s.label} scope="col" className="r">
                  {s.label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {x.map((word, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the place is the identity; words may repeat
              <tr key={i}>
                <th scope="row">{word}</th>
                {series.map((s) => {
                  const v = s.values[i]
                  return (
                    <td key={s.label} className="r">
                      {v === null || v === undefined ? '' : format(v)}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}

function pc(value: number): string {
  return `${Math.round(value * 100) / 100}%`
}

/** 1234567 as 1,234,567, the same in every browser. */
function plain(value: number): string {
  const [whole = '', part] = String(value).split('.')
  return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (part ? `.${part}` : '')
}
