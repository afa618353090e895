import { selectMailPolicy, upsertMailPolicy } from '#db/control/queries/mail-policy'
import { Fault } from '#lib/errors'
import type { TenantId } from '#lib/ids'
import type { MailPolicy } from '#lib/mail-policy'
import { authoriseTenant } from '#server/access'
import { recordAct } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'

/** Points in tenths: below 1 honest mail would be spam, above 100 nothing would. */
const SCORE = { least: 10, most: 1_000 }

/** Changes what a tenant has chosen. It counts within two seconds. Throws BAD_REQUEST naming the field. */
export async function setMailPolicy(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId } & MailPolicy,
): Promise<void> {
  const { tenantId, spam, greylist, dmarc } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'tenant.mail-policy', tenantId)
  const junkScoreTenths = scoreOf(input.junkScoreTenths, 'junkScoreTenths')
  const rejectScoreTenths = scoreOf(input.rejectScoreTenths, 'rejectScoreTenths')
  if (rejectScoreTenths <= junkScoreTenths)
    throw new Fault('BAD_REQUEST', 'Mail is refused at more points than make it spam.', { field: 'rejectScoreTenths' })
  const policy: MailPolicy = { spam, greylist, dmarc, junkScoreTenths, rejectScoreTenths }
  await ctx.db.control.withTenant(tenantId, async (tx) => {
    const before = await selectMailPolicy(tx, tenantId)
    await upsertMailPolicy(tx, tenantId, policy)
    const changed = (Object.keys(policy) as (keyof MailPolicy)[]).filter((key) => policy[key] !== before[key])
    const facts = Object.fromEntries(
      changed.flatMap((key) => [
        [key, policy[key]],
        [`${key}Before`, before[key]],
      ]),
    )
    const concerned = { resellerId: tenant.resellerId, tenantId }
    await recordAct(tx, { actor, action: 'mail-policy.set', concerned, facts })
  })
}

function scoreOf(tenths: number, field: string): number {
  if (!Number.isInteger(tenths) || tenths < SCORE.least || tenths > SCORE.most)
    throw new Fault('BAD_REQUEST', `Give points from ${SCORE.least / 10} to ${SCORE.most / 10}.`, { field })
  return tenths
}
