import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { securityHeaders } from '#server/web/headers'

/** A nonce of 128 random bits for one answer's policy. */
export const newNonce = (): string => randomBytes(16).toString('base64')

/**
 * Makes sure that the security headers stand on this answer whatever a handler sets: they are put on now, for handlers that only
 * fill gaps, and once more when the head is written, for handlers that overwrite.
 */
export function guardHeaders(res: ServerResponse, path: string, nonce: string): void {
  const headers = securityHeaders(path, nonce)
  const apply = () => {
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
    res.removeHeader('x-powered-by')
  }
  apply()
  const writeHead = res.writeHead.bind(res)
  // Every way to send a head ends here, Node's implicit one included.
  const guarded = (status: number, ...rest: unknown[]) => {
    const given = rest.find((part) => typeof part === 'object' && part !== null)
    if (given && !res.headersSent) {
      for (const [name, value] of pairs(given)) res.setHeader(name, value)
    }
    if (!res.headersSent) apply()
    const reason = rest.find((part) => typeof part === 'string')
    return reason === undefined ? writeHead(status) : writeHead(status, reason)
  }
  res.writeHead = guarded as typeof res.writeHead
}

function pairs(given: object): [string, string | number | readonly string[]][] {
  if (!Array.isArray(given)) return Object.entries(given).filter(([, value]) => value !== undefined)
  if (Array.isArray(given[0])) return given as [string, string][]
  const flat = given as string[]
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? ''] as [string, string]] : []))
}

/** A short answer of our own, as JSON below /api and as text elsewhere. The connection closes when a body was left unread. */
export function answer(req: IncomingMessage, res: ServerResponse, status: number, text: string): void {
  const json = req.url?.startsWith('/api/') === true
  const body = json ? JSON.stringify({ error: text }) : `${text}\n`
  res.setHeader('content-type', json ? 'application/json' : 'text/plain; charset=utf-8')
  res.setHeader('content-length', Buffer.byteLength(body))
  if (req.headers['content-length'] !== undefined || req.headers['transfer-encoding'] !== undefined) {
    res.setHeader('connection', 'close')
  }
  res.writeHead(status)
  res.end(req.method === 'HEAD' ? undefined : body)
}
