import { findRecipients } from '#db/control/queries/lookup'
import { Fault } from '#lib/errors'
import { authoriseAccount } from '#server/access'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { addressOf } from '#server/services/input/text'

/** The account behind an address, for an actor who may see it. Throws NOT_FOUND alike for none and for another's. */
export async function findAccount(ctx: ServiceContext, actor: Actor, address: string): Promise<AccountTarget> {
  const hash = ctx.core.addressHash(addressOf(address).address)
  const rows = hash === null ? [] : await findRecipients(ctx.db.control.lookup, [hash])
  const row = rows[0]
  if (!row) throw new Fault('NOT_FOUND', 'There is no such account.')
  const target = { tenantId: row.tenantId, accountId: row.accountId }
  await authoriseAccount(ctx, actor, 'account.read', target)
  return target
}
