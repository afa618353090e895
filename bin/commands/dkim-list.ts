import type { CommandContext } from '#bin/cli/command'
import { SYSTEM } from '#server/services'
import { readDns } from '#server/services/dns/read'
import { findDomainNamed } from '#server/services/domain/find-named'

/** `mailtight dkim list DOMAIN`: prints an array of `{selector, algorithm, state, since, seen}`. */
export async function run({ services, positionals }: CommandContext): Promise<unknown> {
  const ctx = await services()
  const { tenantId, id: domainId } = await findDomainNamed(ctx, SYSTEM, positionals[0] ?? '')
  const { keys } = await readDns(ctx, SYSTEM, { tenantId, domainId })
  return keys.map(({ selector, algorithm, state, stateAt, publishedAt }) => ({
    selector,
    algorithm,
    state,
    since: stateAt,
    seen: publishedAt,
  }))
}
