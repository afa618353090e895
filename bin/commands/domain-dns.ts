import type { CommandContext } from '#bin/cli/command'
import { SYSTEM } from '#server/services'
import { checkDns } from '#server/services/dns/check'
import { findDomainNamed } from '#server/services/domain/find-named'

/** `mailtight domain dns DOMAIN [--zone]`: looks every record up and prints an array of `{state, type, name, value, found, why}`, or the zone file alone. */
export async function run({ services, positionals, flags }: CommandContext): Promise<unknown> {
  const ctx = await services()
  const { tenantId, id: domainId } = await findDomainNamed(ctx, SYSTEM, positionals[0] ?? '')
  // Looking makes the signing keys of a domain that has none yet, so that a zone file is never without them.
  const { records, zone } = await checkDns(ctx, SYSTEM, { tenantId, domainId })
  if (flags.zone) return zone.trimEnd()
  return records.map(({ state, type, name, value, found, why }) => ({ state, type, name, value, found, why }))
}
