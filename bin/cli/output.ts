import { writeSync } from 'node:fs'

type Row = Record<string, unknown>

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value)

function cell(value: unknown): string {
  if (value === null || value === undefined) return '-'
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? JSON.stringify(value, plain) : String(value)
}

/** bigint as a number where it fits, else as text: JSON has no other way. */
const plain = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? (Number.isSafeInteger(Number(value)) ? Number(value) : String(value)) : value

function table(rows: Row[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const lines = [names, ...rows.map((row) => names.map((name) => cell(row[name])))]
  const widths = names.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)))
  return lines
    .map((line) =>
      line
        .map((text, i) => text.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** A command's result as one JSON value, or as text for a person. Always ends with a line end. */
export function render(result: unknown, json: boolean): string {
  if (json) return `${JSON.stringify(result ?? null, plain)}\n`
  if (result === undefined || result === null) return ''
  if (Array.isArray(result)) {
    if (result.length === 0) return 'none\n'
    return `${result.every(isRow) ? table(result) : result.map(cell).join('\n')}\n`
  }
  if (!isRow(result)) return `${cell(result)}\n`
  const lines = Object.entries(result).map(([name, value]) => {
    const rows = Array.isArray(value) && value.length > 0 && value.every(isRow)
    return rows ? `${name}:\n${table(value).replace(/^/gm, '  ')}` : `${name}: ${cell(value)}`
  })
  return `${lines.join('\n')}\n`
}

/** Writes all of `text` before it returns, also to a pipe: the process ends right after. */
export function write(descriptor: 1 | 2, text: string): void {
  let rest = Buffer.from(text)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest))
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : ''
      if (code === 'EPIPE') return // the reader has seen enough
      if (code !== 'EAGAIN') throw error
    }
  }
}

/** The one line of a failure. */
export const fail = (sentence: string): void => write(2, `mailtight: ${sentence.replaceAll('\n', ' ')}\n`)
