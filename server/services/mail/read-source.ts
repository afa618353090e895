import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { fetchOne } from '#server/services/mail/fetch-one'
import { withMailbox } from '#server/services/mail/mailbox'

/** A message byte for byte. */
export async function readSource(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget & { folder: string; uid: number },
): Promise<Buffer> {
  return withMailbox(ctx, actor, 'mail.read', input, async (store) => (await fetchOne(store, input)).raw)
}
