/** What went wrong, in words every door can translate: HTTP status, SMTP reply, IMAP response code. */
export type FaultCode =
  | 'BAD_REQUEST'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'LIMIT'
  | 'OVER_QUOTA'
  | 'TOO_LARGE'
  | 'UNAVAILABLE'
  | 'INTERNAL'

/**
 * The one error class of the house. `message` may be shown to the person at the door; `internal` is for logs and
 * carries ids only, never contents or credentials; `temporary` says that trying again may help.
 */
export class Fault extends Error {
  readonly code: FaultCode
  readonly internal: string
  readonly temporary: boolean
  /** The form field at fault, where there is one. */
  readonly field: string | undefined

  constructor(
    code: FaultCode,
    publicText: string,
    options: { internal?: string; temporary?: boolean; cause?: unknown; field?: string } = {},
  ) {
    super(publicText, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'Fault'
    this.code = code
    this.internal = options.internal ?? code
    this.temporary = options.temporary ?? code === 'UNAVAILABLE'
    this.field = options.field
  }
}

/** Codes of node, postgres.js and PostgreSQL itself which say that the database is away or starting, not that we erred. */
const AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '08006',
  '08001',
  '08003',
  '40001',
  '40P01',
  '53100',
  '55P03',
])

/** Is this an outage of something we depend on (so: 451, NO [UNAVAILABLE], 503), rather than a defect? */
export function isOutage(error: unknown): boolean {
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    if (e instanceof Fault && e.temporary) return true
    if ('code' in e && typeof e.code === 'string' && AWAY.has(e.code)) return true
  }
  return false
}

/** Any thrown value as a Fault; what was not expected becomes INTERNAL and shows nothing of itself. */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  if (isOutage(error)) {
    return new Fault('UNAVAILABLE', 'The service is restarting. Nothing was lost; please try again in a moment.', {
      internal: codeOf(error),
      cause: error,
    })
  }
  return new Fault('INTERNAL', 'Something went wrong on our side. Nothing was changed.', {
    internal: codeOf(error),
    cause: error,
  })
}

/** A short name of an error that is safe to log: its code or class, never its message (which can quote data). */
export function codeOf(error: unknown): string {
  if (error instanceof Fault) return error.internal
  if (error instanceof Error) return 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return typeof error
}
