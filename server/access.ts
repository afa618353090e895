import { type AccountRow, selectAccount } from '#db/control/queries/account'
import { type ResellerRow, selectReseller } from '#db/control/queries/reseller'
import { selectTenant, type TenantRow } from '#db/control/queries/tenant'
import { Fault } from '#lib/errors'
import { type AccountId, isUuid, type ResellerId, type TenantId } from '#lib/ids'
import type { Actor, ServiceContext } from '#server/services'

type Who = 'operator' | 'reseller' | 'domain-admin' | 'owner'

/**
 * Every act there is, on what, and by whom. `owner` is the account itself (a domain admin is the owner of its own mailbox). The command line
 * acts as operator. What is not here is refused.
 */
const ACTS = {
  'house.read': { on: 'house', who: ['operator'] },
  'house.manage': { on: 'house', who: ['operator'] },
  'region.list': { on: 'house', who: ['operator', 'reseller', 'domain-admin', 'owner'] },

  'reseller.create': { on: 'house', who: ['operator'] },
  'reseller.list': { on: 'house', who: ['operator'] },
  'reseller.read': { on: 'reseller', who: ['operator', 'reseller'] },
  'reseller.suspend': { on: 'reseller', who: ['operator'] },
  'reseller.staff': { on: 'reseller', who: ['operator', 'reseller'] },
  'reseller.senders': { on: 'reseller', who: ['reseller'] },
  'reseller.audit': { on: 'reseller', who: ['operator', 'reseller'] },

  'tenant.create': { on: 'reseller', who: ['operator', 'reseller'] },
  'tenant.list': { on: 'reseller', who: ['operator', 'reseller'] },
  'tenant.read': { on: 'tenant', who: ['operator', 'reseller', 'domain-admin'] },
  'tenant.update': { on: 'tenant', who: ['operator', 'reseller'] },
  'tenant.suspend': { on: 'tenant', who: ['operator', 'reseller'] },
  'tenant.retention': { on: 'tenant', who: ['operator', 'reseller', 'domain-admin'] },
  'tenant.mail-policy': { on: 'tenant', who: ['domain-admin'] },
  'tenant.senders': { on: 'tenant', who: ['domain-admin'] },
  'tenant.audit': { on: 'tenant', who: ['operator', 'reseller', 'domain-admin'] },

  'domain.list': { on: 'tenant', who: ['operator', 'reseller', 'domain-admin'] },
  'domain.add': { on: 'tenant', who: ['operator', 'reseller', 'domain-admin'] },
  'domain.verify': { on: 'tenant', who: ['operator', 'reseller', 'domain-admin'] },
  'domain.declare-verified': { on: 'tenant', who: ['operator'] },
  'domain.dns': { on: 'tenant', who: ['operator', 'reseller', 'domain-admin'] },
  'domain.mta-sts': { on: 'tenant', who: ['operator', 'reseller', 'domain-admin'] },
  'dkim.rotate': { on: 'tenant', who: ['operator', 'reseller', 'domain-admin'] },
  'domain.remove': { on: 'tenant', who: ['operator', 'reseller', 'domain-admin'] },
  'report.read': { on: 'tenant', who: ['operator', 'reseller', 'domain-admin'] },

  'address.list': { on: 'tenant', who: ['domain-admin'] },
  'address.change': { on: 'tenant', who: ['domain-admin'] },
  'account.addresses': { on: 'account', who: ['owner'] },
  'account.trace': { on: 'account', who: ['owner'] },
  'trace.read': { on: 'tenant', who: ['operator', 'reseller', 'domain-admin'] },
  'account.forward': { on: 'account', who: ['owner'] },

  'queue.read': { on: 'tenant', who: ['operator', 'domain-admin'] },
  'queue.change': { on: 'tenant', who: ['operator', 'domain-admin'] },
  'queue.reroute': { on: 'tenant', who: ['operator'] },
  'queue.suppressed': { on: 'tenant', who: ['domain-admin'] },
  'sending.read': { on: 'tenant', who: ['operator', 'reseller', 'domain-admin'] },
  'sending.lift': { on: 'tenant', who: ['operator', 'reseller', 'domain-admin'] },
  'sending.cap': { on: 'tenant', who: ['operator', 'reseller'] },
  'reseller.pool': { on: 'reseller', who: ['operator'] },

  'account.create': { on: 'tenant', who: ['operator', 'reseller', 'domain-admin'] },
  'account.list': { on: 'tenant', who: ['operator', 'reseller', 'domain-admin'] },
  'account.read': { on: 'account', who: ['operator', 'reseller', 'domain-admin', 'owner'] },
  'account.suspend': { on: 'account', who: ['operator', 'reseller', 'domain-admin'] },
  'account.terminate': { on: 'account', who: ['operator', 'reseller', 'domain-admin', 'owner'] },
  'account.cancel-termination': { on: 'account', who: ['operator', 'reseller', 'domain-admin'] },
  'account.reset-password': { on: 'account', who: ['operator', 'reseller', 'domain-admin'] },
  'account.change-password': { on: 'account', who: ['owner'] },
  'account.change-profile': { on: 'account', who: ['operator', 'reseller', 'domain-admin', 'owner'] },
  'account.set-retention': { on: 'account', who: ['owner'] },
  'account.set-role': { on: 'account', who: ['operator', 'reseller', 'domain-admin'] },
  'account.export': { on: 'account', who: ['operator', 'reseller', 'domain-admin', 'owner'] },
  'account.audit': { on: 'account', who: ['operator', 'reseller', 'domain-admin', 'owner'] },
  'account.senders': { on: 'account', who: ['owner'] },
  'account.credentials': { on: 'account', who: ['owner'] },
  'account.sessions': { on: 'account', who: ['owner'] },
  'mail.read': { on: 'account', who: ['owner'] },
  'mail.change': { on: 'account', who: ['owner'] },
  'mail.send': { on: 'account', who: ['owner'] },
} as const satisfies Record<string, { on: 'house' | 'reseller' | 'tenant' | 'account'; who: readonly Who[] }>

export type Act = keyof typeof ACTS
type ActOn<On extends string> = { [A in Act]: (typeof ACTS)[A]['on'] extends On ? A : never }[Act]
export type HouseAct = ActOn<'house'>
export type ResellerAct = ActOn<'reseller'>
export type TenantAct = ActOn<'tenant'>
export type AccountAct = ActOn<'account'>

/** The acts and who may do each, for the matrix test and the pages. */
export const actTable: Readonly<Record<Act, { on: string; who: readonly Who[] }>> = ACTS

const absent = (what: string) => new Fault('NOT_FOUND', `There is no such ${what}.`)

/** The one that a person may see: absent and not yours answer alike, so both go through here. */
function mayAtAll(actor: Actor, act: Act, isOwner: boolean): boolean {
  const who: readonly Who[] = ACTS[act].who
  switch (actor.kind) {
    case 'system':
    case 'operator':
      return who.includes('operator')
    case 'reseller':
      return who.includes('reseller')
    case 'domain-admin':
      return who.includes('domain-admin') || (isOwner && who.includes('owner'))
    case 'subscriber':
      return isOwner && who.includes('owner')
  }
}

const refused = (act: Act) => new Fault('FORBIDDEN', 'You may not do this.', { internal: `refused:${act}` })

/** May `actor` do an act that concerns no single customer? Throws FORBIDDEN. */
export function authoriseHouse(actor: Actor, act: HouseAct): void {
  // Whoever is signed in is the owner of something; acts on the house that name `owner` are open to all of them.
  if (!mayAtAll(actor, act, true)) throw refused(act)
}

/** May `actor` do `act` on this reseller? Answers with it; throws NOT_FOUND when it is absent or not theirs, FORBIDDEN when they see it but may not. */
export async function authoriseReseller(
  ctx: ServiceContext,
  actor: Actor,
  act: ResellerAct,
  resellerId: ResellerId,
): Promise<{ reseller: ResellerRow }> {
  if (!isUuid(resellerId)) throw absent('reseller')
  switch (actor.kind) {
    case 'domain-admin':
    case 'subscriber':
      throw absent('reseller')
    case 'reseller':
      if (actor.resellerId !== resellerId) throw absent('reseller')
      break
    case 'operator':
    case 'system':
      break
  }
  const reseller = await ctx.db.control.withReseller(resellerId, (tx) => selectReseller(tx, resellerId))
  if (!reseller) throw absent('reseller')
  if (!mayAtAll(actor, act, false)) throw refused(act)
  return { reseller }
}

/** May `actor` do `act` on this tenant? Answers with it; throws as `authoriseReseller` does. */
export async function authoriseTenant(
  ctx: ServiceContext,
  actor: Actor,
  act: TenantAct,
  tenantId: TenantId,
): Promise<{ tenant: TenantRow }> {
  const tenant = await visibleTenant(ctx, actor, tenantId)
  if (!tenant || actor.kind === 'subscriber') throw absent('organisation')
  if (!mayAtAll(actor, act, false)) throw refused(act)
  return { tenant }
}

/** May `actor` do `act` on this account? Answers with it and its tenant; closed accounts are absent. */
export async function authoriseAccount(
  ctx: ServiceContext,
  actor: Actor,
  act: AccountAct,
  target: { tenantId: TenantId; accountId: AccountId },
): Promise<{ tenant: TenantRow; account: AccountRow; isOwner: boolean }> {
  if (!isUuid(target.accountId)) throw absent('account')
  const isOwner =
    (actor.kind === 'subscriber' || actor.kind === 'domain-admin') &&
    actor.accountId === target.accountId &&
    actor.tenantId === target.tenantId
  if (actor.kind === 'subscriber' && !isOwner) throw absent('account')
  const tenant = await visibleTenant(ctx, actor, target.tenantId)
  if (!tenant) throw absent('account')
  const account = await ctx.db.control.withTenant(target.tenantId, (tx) => selectAccount(tx, target))
  if (!account || account.state === 'closed') throw absent('account')
  if (!mayAtAll(actor, act, isOwner)) throw refused(act)
  return { tenant, account, isOwner }
}

/** The tenant as this actor's own scope shows it: row-level security answers for a reseller, not a comparison of ours. */
async function visibleTenant(ctx: ServiceContext, actor: Actor, tenantId: TenantId): Promise<TenantRow | undefined> {
  if (!isUuid(tenantId)) return undefined
  switch (actor.kind) {
    case 'reseller':
      return ctx.db.control.withReseller(actor.resellerId, (tx) => selectTenant(tx, tenantId))
    case 'domain-admin':
    case 'subscriber':
      if (actor.tenantId !== tenantId) return undefined
      return ctx.db.control.withTenant(actor.tenantId, (tx) => selectTenant(tx, tenantId))
    case 'operator':
    case 'system':
      return ctx.db.control.withTenant(tenantId, (tx) => selectTenant(tx, tenantId))
  }
}
