import { endSession as end } from '#db/control/queries/session'
import type { ServiceContext } from '#server/services'
import { tokenHash } from '#server/services/session/token'

/** Ends the session behind a token; whoever holds the token may. A token that is none ends nothing. */
export async function endSession(ctx: ServiceContext, token: string): Promise<void> {
  const hash = tokenHash(token)
  if (hash) await end(ctx.db.control.lookup, hash)
}
