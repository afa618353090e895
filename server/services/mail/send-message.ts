import { codeOf } from '#lib/errors'
import { authoriseAccount } from '#server/access'
import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { getAccount } from '#server/services/account/get'
import { compose, type Draft } from '#server/services/mail/compose'

/**
 * Writes and sends a message from the account's own address, and puts a copy into Sent. `saved` is false when the message went out but the copy
 * could not be kept: it must not be sent again then.
 */
export async function sendMessage(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & Draft,
): Promise<{ delivered: number; queued: number; saved: boolean }> {
  const { tenantId, accountId } = input
  const { account } = await authoriseAccount(ctx, actor, 'mail.send', input)
  const { address, name } = await getAccount(ctx, actor, input)
  const now = ctx.clock.now()
  const { raw, copy, recipients } = await compose({ name, address }, input, now)
  const ref = { tenantId, accountId, region: account.region }
  const sent = await ctx.core.send(ref, { sender: address, recipients, raw })
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
