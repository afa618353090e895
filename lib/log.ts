/**
 * Logs carry ids, codes and counts. There is no free-text field besides the event's name, so that contents, subjects,
 * addresses, credentials and client lines have no way in.
 */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>

export interface Log {
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
}

type Level = 'info' | 'warn' | 'error'

/** A logger that writes one JSON object a line to standard error. `MAILTIGHT_LOG=warn` leaves out info, `off` all. */
export function createLog(role: string, threshold: string = process.env.MAILTIGHT_LOG ?? 'info'): Log {
  const least = threshold === 'off' ? 3 : threshold === 'error' ? 2 : threshold === 'warn' ? 1 : 0
  const write =
    (level: Level, rank: number) =>
    (event: string, fields: LogFields = {}) => {
      if (rank < least) return
      process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), level, role, event, ...fields })}\n`)
    }
  return { info: write('info', 0), warn: write('warn', 1), error: write('error', 2) }
}

/** A logger that says nothing, for tests and tools. */
export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }
