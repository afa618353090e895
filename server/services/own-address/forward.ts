import { selectPassword } from '#db/control/queries/credential'
import { verifyPassword } from '#lib/crypto/password'
import { Fault } from '#lib/errors'
import type { AccountId, TenantId } from '#lib/ids'
import { LIMITS } from '#lib/limits'
import { normaliseAddress } from '#mailcore/api'
import { authoriseAccount } from '#server/access'
import { recordAct } from '#server/ledger'
import type { Actor, ServiceContext } from '#server/services'
import { withMailbox } from '#server/services/mail/mailbox'
import { listOwnAddresses } from '#server/services/own-address/masked'

interface Own {
  tenantId: TenantId
  accountId: AccountId
}

export interface ForwardView {
  to: string[]
  keep: boolean
}

/** Where one's own mail is sent on to; null while it is not. */
export async function getForward(ctx: ServiceContext, actor: Actor, own: Own): Promise<ForwardView | null> {
  const forward = await withMailbox(ctx, actor, 'account.forward', own, (store) => store.forward())
  return forward && { to: [...forward.to], keep: forward.keep }
}

/**
 * Sends one's own mail on from now on; with no address, no longer. Asks for the password, since a silent forward is what whoever steals an account sets up
 * first, and puts a notice into the mailbox. Throws BAD_REQUEST naming the field.
 */
export async function setForward(
  ctx: ServiceContext,
  actor: Actor,
  input: Own & { to: readonly string[]; keep: boolean; current: string },
): Promise<void> {
  const { tenantId, accountId } = input
  const own = { tenantId, accountId }
  const { tenant, account } = await authoriseAccount(ctx, actor, 'account.forward', own)
  const to = await checked(ctx, actor, own, input.to)
  const known = await ctx.db.control.withTenant(tenantId, (tx) => selectPassword(tx, own))
  if (!known || !(await verifyPassword(known.hash, input.current)))
    throw new Fault('BAD_REQUEST', 'This is not your present password.', { field: 'current' })
  const { primary } = await listOwnAddresses(ctx, actor, own)
  const forward = to.length === 0 ? null : { to, keep: input.keep, owner: primary }
  await withMailbox(ctx, actor, 'account.forward', own, (store) => store.setForward(forward))
  await ctx.db.control.withTenant(tenantId, async (tx) => {
    const concerned = { resellerId: tenant.resellerId, tenantId, accountId }
    const facts = { addresses: to.length, keep: input.keep }
    await recordAct(tx, { actor, action: to.length === 0 ? 'forward.end' : 'forward.set', concerned, facts })
  })
  if (to.length === 0) return
  const { region, publicKey, keyVersion } = account
  await ctx.core.notify(
    { mailbox: { tenantId, accountId, region, publicKey, keyVersion }, address: primary },
    {
      key: `forward ${accountId} ${ctx.clock.now().getTime()}`,
      subject: 'Your mail is forwarded from now on',
      text: [
        `Since ${ctx.clock.now().toISOString().slice(0, 16).replace('T', ' ')} UTC mail to ${primary} is sent on to ${to.join(', ')}${input.keep ? ', and kept here as well' : ''}.`,
        'If that was not you, somebody else has your password: change it now, and end the forwarding under Forwarding.',
      ].join('\n\n'),
    },
  )
}

async function checked(ctx: ServiceContext, actor: Actor, own: Own, texts: readonly string[]): Promise<string[]> {
  const field = 'to'
  const to = new Set<string>()
  const { primary, aliases, masked } = await listOwnAddresses(ctx, actor, own)
  const mine = new Set([primary, ...aliases, ...masked.map(({ address }) => address)])
  for (const text of texts) {
    const address = normaliseAddress(text.trim())
    if (address === null)
      throw new Fault('BAD_REQUEST', `${text.trim().slice(0, 100)} is not a valid e-mail address.`, { field })
    if (mine.has(address)) throw new Fault('BAD_REQUEST', `${address} is your own address.`, { field })
    to.add(address)
  }
  if (to.size > LIMITS.forwardsPerAccount)
    throw new Fault('LIMIT', `Mail can be sent on to at most ${LIMITS.forwardsPerAccount} addresses.`, { field })
  return [...to]
}
