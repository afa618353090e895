import type { ControlTx } from '#db/client'
import { directoryChanged, signOutEverywhere, updateAccount } from '#db/control/queries/account'
import { DAY_MS } from '#lib/clock'
import { Fault } from '#lib/errors'
import type { AccountId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import { beginIntent, recordAct } from '#server/ledger'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { type ActOnAccount, beginActOn } from '#server/services/account/act-on'
import { runIntent } from '#server/services/intents'

/** What became of an erased account; dates are ISO 8601. */
export interface ErasureReceipt {
  accountId: AccountId
  /** When the receipt was made */
  at: string
  /** When the end of the account was asked for */
  requested: string
  /** When its keys were destroyed in the live key store */
  unreadableLive: string
  keyRowsDestroyed: number
  messages: number
  bytes: number
  /** By when the keys have left the key cluster's heap, log and backups; null until a job measures it. */
  leavesKeyStoreBy: string | null
}

export type Termination = { state: 'closing'; closingUntil: Date } | { state: 'closed'; receipt: ErasureReceipt }

/**
 * Ends an account. It closes at once at every door for its owner, and is erased after a grace of 14 days, in which it can be brought back;
 * `now` erases it within this call and answers with the receipt.
 */
export async function terminateAccount(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { reason?: string; now?: boolean },
): Promise<Termination> {
  const act = await beginActOn(ctx, actor, 'account.terminate', input)
  if (act.account.state === 'provisioning')
    throw new Fault('CONFLICT', 'This account is still being set up. Try again in a minute.')
  return input.now ? eraseNow(ctx, actor, act) : beginGrace(ctx, actor, act)
}

const LIVING = ['active', 'suspended', 'closing'] as const

async function close(tx: ControlTx, act: ActOnAccount, until: Date): Promise<void> {
  const target = { tenantId: act.tenant.id, accountId: act.account.id }
  const changed = await updateAccount(tx, target, { state: 'closing', closingUntil: until }, LIVING)
  if (!changed) throw new Fault('CONFLICT', 'This account has ended already.')
  await signOutEverywhere(tx, target, 'terminated')
  await directoryChanged(tx, target.tenantId)
}

async function beginGrace(ctx: ServiceContext, actor: Actor, act: ActOnAccount): Promise<Termination> {
  if (act.account.state === 'closing') throw new Fault('CONFLICT', 'The end of this account was asked for already.')
  const closingUntil = new Date(ctx.clock.now().getTime() + LIMITS.terminationGraceDays * DAY_MS)
  await ctx.db.control.withTenant(act.tenant.id, async (tx) => {
    await close(tx, act, closingUntil)
    const { concerned, personal } = act
    const facts = { until: closingUntil.toISOString() }
    await recordAct(tx, { actor, action: 'account.terminate', concerned, personal, facts })
  })
  ctx.directoryCache.forget(act.tenant.id)
  return { state: 'closing', closingUntil }
}

async function eraseNow(ctx: ServiceContext, actor: Actor, act: ActOnAccount): Promise<Termination> {
  const now = ctx.clock.now()
  // Where the grace was running already, the end was asked for when it began.
  const requested =
    act.account.closingUntil === null
      ? now
      : new Date(act.account.closingUntil.getTime() - LIMITS.terminationGraceDays * DAY_MS)
  const tenantId = act.tenant.id
  const intentId = await ctx.db.control.withTenant(tenantId, async (tx) => {
    await close(tx, act, now)
    const { concerned, personal } = act
    const input = { requested: requested.toISOString() }
    return beginIntent(tx, { actor, action: 'account.erase', concerned, personal, input, now })
  })
  const facts = await runIntent(ctx, intentId, { tenantId, resellerId: act.tenant.resellerId })
  return {
    state: 'closed',
    receipt: {
      accountId: act.account.id,
      at: ctx.clock.now().toISOString(),
      requested: requested.toISOString(),
      unreadableLive: String(facts.unreadableLive),
      keyRowsDestroyed: Number(facts.keyRowsDestroyed),
      messages: Number(facts.messages),
      bytes: Number(facts.bytes),
      leavesKeyStoreBy: null,
    },
  }
}
