import { createHmac } from 'node:crypto'
import { isLoopback, type Settings } from '#lib/env'
import { type Running, stopAll } from '#lib/lifecycle'
import { createLog } from '#lib/log'
import { readKeyFile } from '#mailcore/api'
import { createServiceContext } from '#server/context'
import { installBackend } from '#server/web/backend'
import { createBackend } from '#server/web/create-backend'
import { readHealth } from '#server/web/health'
import { startListener, type WebHandler } from '#server/web/listener'
import { createPolicyHosts } from '#server/web/policy-hosts'

/**
 * Starts the web role: our own TLS listener in front of Next's production handler, and the plain one that only redirects.
 * Resolves once pages are served; needs a finished `next build` in `settings.root`.
 */
export async function start(settings: Settings): Promise<Running> {
  const log = createLog('web')
  const origins = originsOf(settings)
  const { ctx, stop } = createServiceContext(settings, log)
  const parts: Running[] = [{ stop }]
  try {
    parts.push(await ctx.directoryCache.start())
    installBackend(createBackend(ctx, { origins, authSecret: authSecretOf(settings), tls: settings.tls }))
    parts.push({ stop: async () => installBackend(undefined) })
    const pages = await startPages(settings, origins[0] ?? settings.webUrl)
    parts.push({ stop: pages.stop })
    const listener = await startListener({
      bind: settings.bind,
      httpsPort: settings.ports.https,
      httpPort: settings.ports.http,
      origins,
      tls: settings.tls,
      handle: pages.handle,
      policies: createPolicyHosts(ctx.db, settings.hostname),
      health: () => readHealth(settings.files.state, () => ctx.db.control.lookup`select 1`, log),
      log,
    })
    parts.push(listener)
    log.info('web listening', { https: listener.httpsPort, http: listener.httpPort })
    return stopAll(parts)
  } catch (error) {
    await stopAll(parts).stop()
    throw error
  }
}

/**
 * The origins that are ours: the configured one; on a loopback address also the other names of this machine, so that a first look at
 * https://127.0.0.1:8443 works like one at https://localhost:8443. Never a name from a request.
 */
function originsOf(settings: Settings): string[] {
  const { origin } = new URL(settings.webUrl)
  if (!isLoopback(settings.bind)) return [origin]
  const port = settings.ports.https
  return [...new Set([origin, ...['localhost', '127.0.0.1', '[::1]'].map((host) => `https://${host}:${port}`)])]
}

/** Secret of next-auth's CSRF token, the same after a restart; derived, so that there is no further secret to keep. */
const authSecretOf = (settings: Settings): string =>
  createHmac('sha256', readKeyFile(settings.keyFiles.lookup)).update('mailtight/web-csrf/v1').digest('base64url')

/** Next as a handler: it renders, and owns no socket. */
async function startPages(settings: Settings, origin: string): Promise<{ handle: WebHandler } & Running> {
  // Next and next-auth take these from the environment only. next-auth builds every address from NEXTAUTH_URL, never from Host.
  Object.assign(process.env, { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', NEXTAUTH_URL: origin })
  const { default: next } = await import('next')
  const { hostname, port } = new URL(origin)
  const app = next({ dev: false, dir: settings.root, hostname, port: Number(port || 443), quiet: true })
  await app.prepare()
  const render = app.getRequestHandler()
  return { handle: (req, res) => render(req, res), stop: () => app.close() }
}
