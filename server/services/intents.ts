import type { ControlTx, SystemReason } from '#db/client'
import type { AuditFacts } from '#db/control/queries/audit'
import { insertAudit } from '#db/control/queries/audit'
import { claimIntent, finishIntent, type IntentRow, selectIntent } from '#db/control/queries/intent'
import { codeOf, Fault, isOutage } from '#lib/errors'
import { type AuditId, type IntentId, newId } from '#lib/ids'
import { INTENT_LEASE_MS } from '#server/ledger'
import type { ServiceContext } from '#server/services'
import { createAccountSteps } from '#server/services/account/create-steps'
import { eraseAccountSteps } from '#server/services/account/erase-steps'
import { setRetentionSteps } from '#server/services/account/set-retention-steps'
import type { IntentAction, Live } from '#server/services/intent-action'
import { changeQueueSteps } from '#server/services/queue/change-steps'
import { createResellerSteps } from '#server/services/reseller/create-steps'
import { setTenantRetentionSteps } from '#server/services/retention/set-tenant-retention-steps'
import { createTenantSteps } from '#server/services/tenant/create-steps'

/** The steps behind every action that is an intent. */
const ACTIONS: Readonly<Record<string, IntentAction>> = {
  'reseller.create': createResellerSteps,
  'tenant.create': createTenantSteps,
  'tenant.retention': setTenantRetentionSteps,
  'queue.change': changeQueueSteps,
  'account.create': createAccountSteps,
  'account.erase': eraseAccountSteps,
  'account.set-retention': setRetentionSteps,
}

/** Every action that runs as an intent. */
export const intentActions = (): readonly string[] => Object.keys(ACTIONS)

/**
 * Runs the steps of an intent that this process has just begun, and writes its outcome. When a step fails the intent stays open for the worker,
 * and the error goes to the caller. Returns the facts of the outcome.
 */
export async function runIntent(
  ctx: ServiceContext,
  begun: IntentId,
  scope: IntentScope,
  live?: Live,
): Promise<AuditFacts> {
  const intent = await withScope(ctx, scope, (tx) => selectIntent(tx, begun))
  if (!intent) throw new Fault('INTERNAL', 'The act was not recorded.', { internal: 'intent absent' })
  return perform(ctx, intent, live)
}

/** Takes up an intent left behind. Returns false when it is not due, ended, or taken by another. */
export async function resumeIntent(ctx: ServiceContext, id: IntentId): Promise<boolean> {
  const now = ctx.clock.now()
  const until = new Date(now.getTime() + INTENT_LEASE_MS)
  const intent = await ctx.db.control.withSystem('intent sweep', (tx) => claimIntent(tx, { id, now, until }))
  if (!intent) return false
  await perform(ctx, intent, undefined)
  return true
}

export type IntentScope = Pick<IntentRow, 'tenantId' | 'resellerId'> & { system?: SystemReason }

async function perform(ctx: ServiceContext, intent: IntentRow, live: Live | undefined): Promise<AuditFacts> {
  const steps = ACTIONS[intent.action]
  if (!steps) throw new Fault('INTERNAL', 'This act is not known.', { internal: `intent action ${intent.action}` })
  try {
    const end = await steps(ctx, intent, live)
    const scope = { tenantId: intent.tenantId, resellerId: intent.resellerId, system: end.system }
    await withScope(ctx, scope, async (tx) => {
      const first = await finishIntent(tx, { id: intent.id, state: end.outcome, at: ctx.clock.now() })
      if (!first) throw new Fault('CONFLICT', 'This act was finished elsewhere.', { internal: 'intent ended twice' })
      await end.commit?.(tx)
      await insertAudit(tx, outcomeRow(intent, end.outcome, end.facts))
    })
    if (intent.tenantId) ctx.directoryCache.forget(intent.tenantId)
    return end.facts
  } catch (error) {
    const level = isOutage(error) ? 'warn' : 'error'
    ctx.log[level]('intent left open', { intent: intent.id, action: intent.action, error: codeOf(error) })
    throw error
  }
}

/** The second row of an intent. It has no personal parts: its key may be what the act destroyed. */
function outcomeRow(intent: IntentRow, outcome: 'completed' | 'failed', facts: AuditFacts) {
  const { actorKind, actorId } = intent.input
  return {
    id: newId<AuditId>(),
    resellerId: intent.resellerId,
    tenantId: intent.tenantId,
    accountId: intent.accountId,
    actorKind: kindOf(actorKind),
    actorId: typeof actorId === 'string' ? actorId : null,
    action: intent.action,
    outcome,
    intentId: intent.id,
    facts,
  }
}

const KINDS = ['operator', 'reseller', 'domain-admin', 'subscriber', 'system'] as const
const kindOf = (value: unknown) => KINDS.find((kind) => kind === value) ?? 'system'

function withScope<R>(ctx: ServiceContext, scope: IntentScope, work: (tx: ControlTx) => Promise<R>): Promise<R> {
  if (scope.system) return ctx.db.control.withSystem(scope.system, work)
  if (scope.tenantId) return ctx.db.control.withTenant(scope.tenantId, work)
  if (scope.resellerId) return ctx.db.control.withReseller(scope.resellerId, work)
  return ctx.db.control.withSystem('intent sweep', work)
}
