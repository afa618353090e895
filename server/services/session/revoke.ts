import { deleteSessions } from '#db/control/queries/session'
import { Fault } from '#lib/errors'
import { recordAct } from '#server/ledger'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { beginActOn } from '#server/services/account/act-on'

/** Ends one web session of an account, or all but one. Returns how many ended. */
export async function revokeSessions(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { which: { only: string } | { except: string } },
): Promise<{ ended: number }> {
  const target = { tenantId: input.tenantId, accountId: input.accountId }
  const { concerned } = await beginActOn(ctx, actor, 'account.sessions', target)
  const which = 'only' in input.which ? { only: hashOf(input.which.only) } : { except: hashOf(input.which.except) }
  const ended = await ctx.db.control.withTenant(target.tenantId, async (tx) => {
    const count = await deleteSessions(tx, target, which)
    if (count > 0) await recordAct(tx, { actor, action: 'session.revoke', concerned, facts: { sessions: count } })
    return count
  })
  return { ended }
}

function hashOf(id: string): Buffer {
  if (!/^[0-9a-f]{64}$/.test(id)) throw new Fault('NOT_FOUND', 'There is no such session.')
  return Buffer.from(id, 'hex')
}
