import type { MailSettings } from '#lib/settings/mail'
import type { Resolver, SecureDns } from '#mailcore/ports'
import { createResolver } from './resolver'
import { createStubResolver } from './secure'

/** The DNS as the settings have it: our own stub where they name servers, else the system's resolver, which knows nothing of DNSSEC. */
export function createOutside(options: {
  dns: MailSettings['dns']
  routes?: ReadonlyMap<string, { host: string; port: number }>
}): { resolver: Resolver; secureDns?: SecureDns } {
  const { dns, routes } = options
  return dns.servers.length === 0
    ? { resolver: createResolver({ ...(routes ? { routes } : {}) }) }
    : createStubResolver({ servers: dns.servers, validating: dns.validating, ...(routes ? { routes } : {}) })
}
