import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { isIP, type Socket } from 'node:net'
import { codeOf, Fault } from '#lib/errors'
import { type Running, stopAll } from '#lib/lifecycle'
import { LIMITS } from '#lib/limits'
import type { Log } from '#lib/log'
import type { Health } from '#lib/settings/instance-state'
import { answer, guardHeaders, newNonce } from '#server/web/answer'
import { pagePolicy, rawAnswer } from '#server/web/headers'
import { type PolicyHandler, policyHostOf } from '#server/web/policy-hosts'
import { redirectListener } from '#server/web/redirect'
import { cleanHeaders, examine } from '#server/web/request-guard'
import { type CertificateFiles, reloadOnChange, tlsOptions } from '#server/web/tls'

export type WebHandler = (req: IncomingMessage, res: ServerResponse) => Promise<void>

export interface WebListenerOptions {
  bind: string
  /** 0 lets the system choose. */
  httpsPort: number
  httpPort: number
  /** Our origins, the canonical one first. */
  origins: readonly string[]
  tls: CertificateFiles
  /** Where everything goes that is not answered here: Next's handler. */
  handle: WebHandler
  /** Answers under names like mta-sts.<domain>; without it they are strangers' names. */
  policies?: PolicyHandler
  health: () => Promise<Health>
  log: Log
  /** Connections in all, and of one address. */
  limits?: { total: number; perPeer: number }
}

export interface WebListener extends Running {
  readonly httpsPort: number
  readonly httpPort: number
}

/** Name of the request header that carries the peer's address to the sign-in throttle; a stranger's own is removed before. */
export const PEER_HEADER = 'x-mailtight-peer'

const TOTAL_CONNECTIONS = 10_000
/** A request of 60 MB over a slow line takes minutes; its headers do not. */
const TIMES = { headersMs: 15_000, requestMs: 300_000, keepAliveMs: 30_000 } as const

/** Starts the HTTPS listener and the plain one that only redirects. Resolves once both listen; throws a Fault with one clear sentence. */
export async function startListener(options: WebListenerOptions): Promise<WebListener> {
  const { log } = options
  const limits = options.limits ?? { total: TOTAL_CONNECTIONS, perPeer: LIMITS.sessionsPerAddress }
  const canonical = options.origins[0] ?? 'https://localhost'
  const secure = createHttpsServer({ ...tlsOptions(options.tls), maxHeaderSize: 16_384 }, requestListener(options))
  const plain = createHttpServer({ maxHeaderSize: 16_384 }, redirectListener(canonical))
  for (const server of [secure, plain]) harden(server, limits)
  await listen(secure, options.bind, options.httpsPort)
  try {
    await listen(plain, options.bind, options.httpPort)
  } catch (error) {
    secure.close()
    throw error
  }
  const certificate = reloadOnChange(secure, options.tls, log)
  const running = stopAll([closing(plain), closing(secure), certificate])
  return { httpsPort: portOf(secure), httpPort: portOf(plain), stop: running.stop }
}

/** The whole path of one request: headers first, then what we answer ourselves, then the guard, then the handler. */
function requestListener(options: WebListenerOptions) {
  return (req: IncomingMessage, res: ServerResponse): void => {
    const nonce = newNonce()
    const path = (req.url ?? '').split(/[?#]/, 1)[0] ?? ''
    guardHeaders(res, path, nonce)
    serve(req, res, nonce, options).catch((error: unknown) => {
      options.log.error('web request failed', { code: codeOf(error) })
      if (res.headersSent) res.destroy()
      else answer(req, res, 500, 'Something went wrong on our side.')
    })
  }
}

async function serve(req: IncomingMessage, res: ServerResponse, nonce: string, options: WebListenerOptions) {
  const path = (req.url ?? '').split('?', 1)[0]
  if (req.method === 'GET' && path === '/api/live') return json(res, 200, { live: true })
  if (req.method === 'GET' && path === '/api/health') {
    const health = await options.health()
    return json(res, health.ok ? 200 : 503, health)
  }
  const policyHost = options.policies ? policyHostOf(req) : null
  if (options.policies && policyHost) return options.policies(req, res, policyHost)
  const verdict = examine(req, options)
  switch (verdict.kind) {
    case 'refuse':
      return answer(req, res, verdict.status, verdict.text)
    case 'redirect':
      res.setHeader('location', verdict.target)
      return answer(req, res, 308, 'This page lives at another address.')
    case 'pass':
      cleanHeaders(req, {
        [PEER_HEADER]: req.socket.remoteAddress ?? 'unknown',
        'x-forwarded-proto': 'https',
        // Next takes the nonce for its own scripts from here.
        'content-security-policy': pagePolicy(nonce),
      })
      return options.handle(req, res)
  }
}

function json(res: ServerResponse, status: number, body: unknown): void {
  res.setHeader('content-type', 'application/json')
  res.writeHead(status)
  res.end(JSON.stringify(body))
}

function harden(server: Server, limits: { total: number; perPeer: number }): void {
  server.maxConnections = limits.total
  server.headersTimeout = TIMES.headersMs
  server.requestTimeout = TIMES.requestMs
  server.keepAliveTimeout = TIMES.keepAliveMs
  server.maxRequestsPerSocket = 10_000
  const held = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const peer = socket.remoteAddress ?? ''
    const count = (held.get(peer) ?? 0) + 1
    if (count > limits.perPeer) {
      socket.destroy()
      return
    }
    held.set(peer, count)
    socket.on('close', () => {
      const left = (held.get(peer) ?? 1) - 1
      if (left > 0) held.set(peer, left)
      else held.delete(peer)
    })
  })
  const refuse = (socket: { writable: boolean; end(text: string): unknown; destroy(): unknown }, status: number) => {
    if (socket.writable)
      socket.end(rawAnswer(status, status === 431 ? 'Request Header Fields Too Large' : 'Bad Request'))
    else socket.destroy()
  }
  server.on('upgrade', (_req, socket) => refuse(socket, 400))
  server.on('connect', (_req, socket) => refuse(socket, 400))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
    refuse(socket, error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400),
  )
}

function listen(server: Server, bind: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? 'another program uses it'
          : error.code === 'EACCES'
            ? 'this user may not open it'
            : (error.code ?? error.name)
      const where = isIP(bind) === 6 ? `[${bind}]:${port}` : `${bind}:${port}`
      reject(new Fault('UNAVAILABLE', `The web listener cannot open ${where}: ${why}.`, { cause: error }))
    }
    server.once('error', failed)
    server.listen(port, bind, () => {
      server.off('error', failed)
      resolve()
    })
  })
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Takes no more connections, lets requests under way finish for a few seconds, then ends them. */
const closing = (server: Server): Running => ({
  stop: () =>
    new Promise((resolve) => {
      const timer = setTimeout(() => server.closeAllConnections(), 3_000)
      server.close(() => {
        clearTimeout(timer)
        resolve()
      })
      server.closeIdleConnections()
    }),
})
