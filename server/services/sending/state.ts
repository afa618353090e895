import {
  type Cap,
  deleteFreeze,
  selectCap,
  selectCounts,
  selectFreezes,
  upsertCap,
} from '#db/control/queries/send-count'
import { DAY_MS } from '#lib/clock'
import { Fault } from '#lib/errors'
import type { AccountId, TenantId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import { authoriseTenant } from '#server/access'
import { recordAct } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'
import { countOf } from '#server/services/input/text'

export interface SendingState {
  /** Accounts that may send nothing for now */
  frozen: { accountId: AccountId; cause: 'rate' | 'bounces' | 'person'; since: Date }[]
  /** Recipients outside in each of the last 24 hours that had any */
  hours: { hour: Date; messages: number; recipients: number; bounces: number }[]
  cap: Cap
  accountCap: Cap
}

/** What a tenant sends, what it may send, and whom a cap has stopped. */
export async function sendingState(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId },
): Promise<SendingState> {
  const { tenantId } = input
  await authoriseTenant(ctx, actor, 'sending.read', tenantId)
  const since = new Date(ctx.clock.now().getTime() - DAY_MS)
  return ctx.db.control.withTenant(tenantId, async (tx) => ({
    frozen: (await selectFreezes(tx, tenantId)).map((row) => ({
      accountId: row.scopeId as AccountId,
      cause: row.cause,
      since: row.frozenAt,
    })),
    hours: await selectCounts(tx, tenantId, since),
    cap: (await selectCap(tx, tenantId)) ?? LIMITS.sending.tenant,
    accountCap: LIMITS.sending.account,
  }))
}

/** Lets an account send again that a cap has stopped. Throws NOT_FOUND when nothing holds it. */
export async function liftFreeze(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; accountId: AccountId },
): Promise<void> {
  const { tenantId, accountId } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'sending.lift', tenantId)
  await ctx.db.control.withTenant(tenantId, async (tx) => {
    if (!(await deleteFreeze(tx, { tenantId, scopeId: accountId })))
      throw new Fault('NOT_FOUND', 'Nothing keeps this account from sending.')
    const concerned = { resellerId: tenant.resellerId, tenantId, accountId }
    await recordAct(tx, { actor, action: 'sending.lift', concerned })
  })
}

const MOST = 10_000_000

/** Sets how many recipients outside a tenant may write to. */
export async function setTenantCap(
  ctx: ServiceContext,
  actor: Actor,
  input: { tenantId: TenantId; perHour: number; perDay: number },
): Promise<void> {
  const { tenantId } = input
  const { tenant } = await authoriseTenant(ctx, actor, 'sending.cap', tenantId)
  const perHour = countOf(input.perHour, 'perHour', { least: 0, most: MOST })
  const perDay = countOf(input.perDay, 'perDay', { least: 0, most: MOST })
  await ctx.db.control.withTenant(tenantId, async (tx) => {
    await upsertCap(tx, {
      scopeId: tenantId,
      kind: 'tenant',
      tenantId,
      recipientsPerHour: perHour,
      recipientsPerDay: perDay,
    })
    const concerned = { resellerId: tenant.resellerId, tenantId }
    await recordAct(tx, { actor, action: 'sending.cap', concerned, facts: { perHour, perDay } })
  })
}
