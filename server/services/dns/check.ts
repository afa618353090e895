import { markPublished } from '#db/control/queries/dkim-key'
import { replaceChecks, selectChecks } from '#db/control/queries/dns-check'
import type { DomainId, ResellerId, TenantId } from '#lib/ids'
import { authoriseTenant } from '#server/access'
import { recordAct } from '#server/ledger'
import { type Actor, type ServiceContext, SYSTEM } from '#server/services'
import { tendDkim } from '#server/services/dkim/tend'
import { type Seen, seeRecord } from '#server/services/dns/compare'
import { type DnsView, isAmiss, keyOfRecord, readDns, readPlan } from '#server/services/dns/read'

type Of = { tenantId: TenantId; domainId: DomainId }

/** Looks all records of a domain up now and answers with what was found; keys whose records were seen begin to sign. Throws NOT_FOUND. */
export async function checkDns(ctx: ServiceContext, actor: Actor, input: Of): Promise<DnsView> {
  const { tenant } = await authoriseTenant(ctx, actor, 'domain.dns', input.tenantId)
  await lookAgain(ctx, { ...input, resellerId: tenant.resellerId })
  return readDns(ctx, actor, input)
}

/**
 * The check itself, as the job and the button do it. A look-up without an answer leaves what was seen before. A record that was right and is so no more
 * goes into the ledger, where the admin of the domain reads it; what is due for the domain's keys is done before and after.
 */
export async function lookAgain(ctx: ServiceContext, of: Of & { resellerId: ResellerId }): Promise<void> {
  await tendDkim(ctx, SYSTEM, of)
  const { keys, plan } = await readPlan(ctx, of)
  const seen = await Promise.all(plan.map(async (record) => ({ record, ...(await seeRecord(ctx.dns, record)) })))
  const { tenantId, domainId, resellerId } = of
  const at = ctx.clock.now()
  const keyOf = keyOfRecord(keys)
  const published = seen.flatMap(({ record, state }) => (state === 'right' ? (keyOf.get(record.id) ?? []) : []))
  await ctx.db.control.withTenant(tenantId, async (tx) => {
    const before = new Map((await selectChecks(tx, { tenantId, domainId })).map((one) => [one.record, one]))
    const rows = seen.map(({ record, state, found }) => {
      const known = before.get(record.id)
      const now: Seen = state === 'unknown' && known ? known : { state, found }
      return { record: record.id, state: now.state, found: now.found, checkedAt: at }
    })
    await replaceChecks(tx, { tenantId, domainId }, rows)
    await markPublished(tx, { tenantId, ids: published, at })
    for (const row of rows) {
      if (before.get(row.record)?.state !== 'right' || !isAmiss(row)) continue
      const facts = { domain: domainId, record: row.record, state: row.state }
      await recordAct(tx, { actor: SYSTEM, action: 'domain.dns-broken', concerned: { resellerId, tenantId }, facts })
    }
  })
  await tendDkim(ctx, SYSTEM, of)
}
