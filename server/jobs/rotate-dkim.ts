import { selectLivingKeyIds } from '#db/control/queries/dkim-key'
import { selectVerifiedDomains, type VerifiedDomain } from '#db/control/queries/domain'
import { selectTenant } from '#db/control/queries/tenant'
import { DAY_MS, MINUTE_MS } from '#lib/clock'
import { codeOf } from '#lib/errors'
import type { TenantId } from '#lib/ids'
import type { Job } from '#server/jobs/job'
import { type ServiceContext, SYSTEM } from '#server/services'
import { tendDkim } from '#server/services/dkim/tend'

const PAGE = 200

/** Makes keys where there are none, replaces old ones, and destroys private halves that nothing refers to. */
export const rotateDkim: Job = {
  name: 'rotate-dkim',
  everyMs: 10 * MINUTE_MS,
  run: async (ctx) => {
    let done = 0
    let swept: TenantId | null = null
    for await (const domain of verifiedDomains(ctx)) {
      const { tenantId, id: domainId } = domain
      try {
        const tenant = await ctx.db.control.withTenant(tenantId, (tx) => selectTenant(tx, tenantId))
        if (!tenant) continue
        done += await tendDkim(ctx, SYSTEM, { tenantId, domainId, resellerId: tenant.resellerId })
        if (swept !== tenantId) await sweepKeys(ctx, tenantId)
        swept = tenantId
      } catch (error) {
        ctx.log.warn('signing keys not tended', { domain: domainId, error: codeOf(error) })
      }
    }
    return done
  },
}

async function* verifiedDomains(ctx: ServiceContext): AsyncGenerator<VerifiedDomain> {
  let after: VerifiedDomain | null = null
  for (;;) {
    const page: VerifiedDomain[] = await ctx.db.control.withSystem('tenant sweep', (tx) =>
      selectVerifiedDomains(tx, { after, limit: PAGE }),
    )
    yield* page
    after = page.at(-1) ?? null
    if (page.length < PAGE) return
  }
}

/** A day old at least: one that is being made has its private half before its row. */
async function sweepKeys(ctx: ServiceContext, tenantId: TenantId): Promise<void> {
  const keep = await ctx.db.control.withTenant(tenantId, (tx) => selectLivingKeyIds(tx, tenantId))
  await ctx.core.keys.sweepDkimKeys(tenantId, keep, new Date(ctx.clock.now().getTime() - DAY_MS))
}
