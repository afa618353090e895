import { Fault } from '#lib/errors'
import type { Environment } from '#lib/settings/env-file'

/** Where mail for one domain goes without a look-up. */
export interface Route {
  host: string
  port: number
}

const ENTRY = /^([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)=(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?):(\d{1,5})$/

/**
 * Reads MAILTIGHT_ROUTES: `domain=host:port` with commas between them, an IPv6 address in brackets. Domains are compared in lower case and
 * in their A-label form. Throws a Fault that names the entry.
 */
export function parseRoutes(env: Environment): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>()
  for (const part of (env.MAILTIGHT_ROUTES ?? '').split(',')) {
    const entry = part.trim().toLowerCase()
    if (entry === '') continue
    const [, domain, host, digits] = ENTRY.exec(entry) ?? []
    const port = Number(digits)
    if (domain === undefined || host === undefined || !(port >= 1 && port <= 65_535)) {
      throw new Fault(
        'BAD_REQUEST',
        `MAILTIGHT_ROUTES must be domain=host:port with commas between them; "${entry.slice(0, 80)}" is not.`,
      )
    }
    routes.set(domain, { host: host.replace(/^\[|\]$/g, ''), port })
  }
  return routes
}
