import { selectStaff } from '#db/control/queries/staff'
import type { Actor, ServiceContext } from '#server/services'
import { staffProfile } from '#server/services/staff/profile'

/** Who acts, by name, for the ledger of the account concerned. */
export async function actorName(ctx: ServiceContext, actor: Actor): Promise<string> {
  switch (actor.kind) {
    case 'system':
      return 'MailTight'
    case 'operator': {
      const row = await ctx.db.control.withSystem('operator desk', (tx) => selectStaff(tx, actor.staffId))
      return row ? (await staffProfile(ctx, row)).name : 'Operator'
    }
    case 'reseller': {
      const row = await ctx.db.control.withReseller(actor.resellerId, (tx) => selectStaff(tx, actor.staffId))
      return row ? (await staffProfile(ctx, row)).name : 'Reseller'
    }
    case 'domain-admin':
    case 'subscriber': {
      const people = await ctx.directoryCache.people(actor.tenantId)
      return people.find((person) => person.accountId === actor.accountId)?.name ?? 'Administrator'
    }
  }
}
