/** Maps a value and its place in the row to percent of the drawing, y downwards. */
export type Scale = { x: (index: number) => number; y: (value: number) => number }

/** `inset` keeps that many percent free above and below. */
export function scaleOf({
  low,
  high,
  count,
  inset = 0,
}: {
  low: number
  high: number
  count: number
  inset?: number
}): Scale {
  const span = high - low || 1
  return {
    x: (index) => (count < 2 ? 50 : round((index / (count - 1)) * 100)),
    y: (value) => round(100 - inset - ((value - low) / span) * (100 - 2 * inset)),
  }
}

/** The `d` of a line through the values; a null leaves a gap. */
export function pathOf(values: (number | null)[], scale: Scale): string {
  let pen = 'M'
  let d = ''
  values.forEach((value, i) => {
    if (value === null) {
      pen = 'M'
      return
    }
    d += `${pen}${scale.x(i)} ${scale.y(value)}`
    pen = 'L'
  })
  return d
}

/** Round marks from at or under `low` to at or over `high`, about `wanted` of them, lowest first. */
export function ticksOf(low: number, high: number, wanted = 4): number[] {
  const span = high - low || Math.abs(high) || 1
  const rough = span / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 2.5, 5, 10].find((m) => m * power >= rough) ?? 10)
  const first = Math.floor(low / step)
  const last = Math.max(Math.ceil(high / step), first + 1)
  return Array.from({ length: last - first + 1 }, (_, i) => tidy((first + i) * step))
}

function tidy(value: number): number {
  return Number(value.toPrecision(12))
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
