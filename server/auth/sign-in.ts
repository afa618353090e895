import { codeOf, Fault, isOutage } from '#lib/errors'
import type { SignInError } from '#server/auth/sign-in-text'
import type { ServiceContext } from '#server/services'
import { endSession } from '#server/services/session/end-session'
import { signIn as prove } from '#server/services/session/sign-in'
import { startSession } from '#server/services/session/start-session'

export interface SignInRequest {
  username: string
  password: string
  /** The network the request came from: counted by keyed hash, never kept. */
  peer: string
  /** Browser family and system in a few words. */
  device: string
  /** Token of a session that ends with this sign-in, so that none survives into another person's. */
  replaces: string | null
}

export type SignInOutcome = { ok: true; token: string } | { ok: false; error: SignInError }

/** Checks a password and begins a new session; its token is always a fresh one (W-06). Never throws: each failure is a word for the page. */
export async function signIn(ctx: ServiceContext, request: SignInRequest): Promise<SignInOutcome> {
  const { username, password, peer, device, replaces } = request
  try {
    const result = await prove(ctx, { username, password, peer })
    if (!result.ok)
      return { ok: false, error: result.reason === 'slow-down' ? `slow-down-${result.retryAfterS}` : result.reason }
    const { token } = await startSession(ctx, result.proven, device)
    if (replaces !== null) await endSession(ctx, replaces)
    return { ok: true, token }
  } catch (error) {
    if (error instanceof Fault && error.code === 'UNAUTHENTICATED') return { ok: false, error: 'credentials' }
    if (error instanceof Fault && error.code === 'FORBIDDEN') return { ok: false, error: 'suspended' }
    ctx.log[isOutage(error) ? 'warn' : 'error']('sign-in failed', { code: codeOf(error) })
    return { ok: false, error: 'unavailable' }
  }
}
