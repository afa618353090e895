import type { FaultCode } from '#lib/errors'
import { codeOf, toFault } from '#lib/errors'
import type { Log } from '#lib/log'

const STATUS: Readonly<Record<FaultCode, number>> = {
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  LIMIT: 429,
  OVER_QUOTA: 412,
  TOO_LARGE: 413,
  UNAVAILABLE: 503,
  INTERNAL: 500,
}

/** A fault as an HTTP answer: its public text and nothing else. */
export function faultResponse(error: unknown, log: Log): Response {
  const fault = toFault(error)
  if (fault.code === 'INTERNAL') log.error('download failed', { code: codeOf(error) })
  return Response.json({ error: fault.message }, { status: STATUS[fault.code] })
}
