import { codeOf, Fault } from '#lib/errors'
import { authoriseAccount } from '#server/access'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { getAccount } from '#server/services/account/get'
import { addressOf } from '#server/services/input/text'
import { compose, type Draft } from '#server/services/mail/compose'
import { listOwnAddresses } from '#server/services/own-address/masked'

/**
 * Writes and sends a message from one of the account's own addresses, and puts a copy into Sent. `saved` is false when the message went out but the copy
 * could not be kept: it must not be sent again then.
 */
export async function sendMessage(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & Draft & { from?: string },
): Promise<{ delivered: number; queued: number; saved: boolean }> {
  const { tenantId, accountId } = input
  const { account } = await authoriseAccount(ctx, actor, 'mail.send', input)
  const author = await authorOf(ctx, actor, input)
  const now = ctx.clock.now()
  const { raw, copy, recipients } = await compose(author, input, now)
  const ref = { tenantId, accountId, region: account.region }
  const sent = await ctx.core.send(ref, { sender: author.address, recipients, raw })
  let saved = true
  try {
    const store = await ctx.core.open(ref)
    try {
      await store.append('Sent', { raw: copy, flags: ['\\Seen'], receivedAt: now })
    } finally {
      store.close()
    }
  } catch (error) {
    saved = false
    ctx.log.warn('sent copy not kept', { account: accountId, error: codeOf(error) })
  }
  return { ...sent, saved }
}

/** Who writes: by a masked address nobody, whose name would say what the address hides. Throws FORBIDDEN for an address of somebody else. */
async function authorOf(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { from?: string },
): Promise<{ name: string; address: string }> {
  const { address, name } = await getAccount(ctx, actor, input)
  if (input.from === undefined) return { name, address }
  const wanted = addressOf(input.from, 'from').address
  if (wanted === address) return { name, address }
  const { aliases, masked } = await listOwnAddresses(ctx, actor, input)
  if (aliases.includes(wanted)) return { name, address: wanted }
  if (masked.some((one) => one.address === wanted && !one.blocked)) return { name: '', address: wanted }
  throw new Fault('FORBIDDEN', 'You can only send from your own addresses.', { field: 'from' })
}
