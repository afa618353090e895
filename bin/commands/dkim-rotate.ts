import type { CommandContext } from '#bin/cli/command'
import { SYSTEM } from '#server/services'
import { rotateDkim } from '#server/services/dkim/rotate'
import { findDomainNamed } from '#server/services/domain/find-named'

/** `mailtight dkim rotate DOMAIN`: makes new keys, which sign once their records are seen; prints `{made}`. */
export async function run({ services, positionals }: CommandContext): Promise<unknown> {
  const ctx = await services()
  const { tenantId, id: domainId } = await findDomainNamed(ctx, SYSTEM, positionals[0] ?? '')
  return rotateDkim(ctx, SYSTEM, { tenantId, domainId })
}
