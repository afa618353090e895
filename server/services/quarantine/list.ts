import type { AccountTarget, Actor, ServiceContext } from '#server/services'
import { withMailbox } from '#server/services/mail/mailbox'

/** A message in quarantine, as its owner sees it. */
export interface QuarantinedView {
  uid: number
  cause: 'spam' | 'dmarc' | 'rule' | 'unscanned'
  arrivedAt: Date
  sender: string
  subject: string
  size: number
}

/** What waits in the owner's quarantine, newest first. */
export async function listQuarantine(
  ctx: ServiceContext,
  actor: Actor,
  input: AccountTarget,
): Promise<QuarantinedView[]> {
  return withMailbox(ctx, actor, 'mail.read', input, (store) => store.quarantined())
}
