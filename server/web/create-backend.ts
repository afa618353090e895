import { signIn } from '#server/auth/sign-in'
import { appRouter } from '#server/routers/index'
import type { ServiceContext } from '#server/services'
import { endSession } from '#server/services/session/end-session'
import { readSession } from '#server/services/session/read-session'
import { createAppleProfile } from '#server/web/apple-download'
import type { WebBackend } from '#server/web/backend'
import { createDownloads } from '#server/web/downloads'
import type { CertificateFiles } from '#server/web/tls'
import { createTrpcHandler } from '#server/web/trpc-handler'

/** Puts the web back end together over the services; see WebBackend. */
export function createBackend(
  ctx: ServiceContext,
  options: { origins: readonly string[]; authSecret: string; tls: CertificateFiles },
): WebBackend {
  const { tls, ...given } = options
  return {
    ...given,
    log: ctx.log,
    signIn: (login) => signIn(ctx, login),
    findSession: (token) => readSession(ctx, token),
    endSession: (token) => endSession(ctx, token),
    caller: (session) => appRouter.createCaller({ services: ctx, session, source: 'server' }),
    trpc: createTrpcHandler(ctx, options.origins),
    appleProfile: createAppleProfile(ctx, tls),
    ...createDownloads(ctx, options.origins),
  }
}
