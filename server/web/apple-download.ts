import { readFile } from 'node:fs/promises'
import { Fault } from '#lib/errors'
import { COOKIES, readCookie } from '#server/auth/cookies'
import { ownAccount, type ServiceContext } from '#server/services'
import { getAccount } from '#server/services/account/get'
import { appleProfile } from '#server/services/clients/apple-profile'
import { signedData } from '#server/services/clients/cms'
import { readSession } from '#server/services/session/read-session'
import { faultResponse } from '#server/web/http-fault'
import type { CertificateFiles } from '#server/web/tls'

/** Answers with the signed-in subscriber's own Apple profile, signed by the certificate of this host as it is at the moment. */
export function createAppleProfile(
  ctx: ServiceContext,
  tls: CertificateFiles,
): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      if (request.headers.get('sec-fetch-site') === 'cross-site')
        throw new Fault('FORBIDDEN', 'This request did not come from this site.')
      const token = readCookie(request.headers.get('cookie'), COOKIES.session)
      const session = token === null ? null : await readSession(ctx, token)
      if (!session) throw new Fault('UNAUTHENTICATED', 'Please sign in.')
      const own = ownAccount(session.actor)
      if (!own) throw new Fault('NOT_FOUND', 'There is no mailbox of yours.')
      const { address, name } = await getAccount(ctx, session.actor, own)
      const profile = Buffer.from(appleProfile({ hostname: ctx.site.hostname, address, name: name || address }))
      const [certificates, key] = await Promise.all([readFile(tls.certFile, 'utf8'), readFile(tls.keyFile, 'utf8')])
      return new Response(new Uint8Array(signedData(profile, { certificates, key })), {
        headers: {
          'content-type': 'application/x-apple-aspen-config',
          'content-disposition': 'attachment; filename="mail.mobileconfig"',
        },
      })
    } catch (error) {
      return faultResponse(error, ctx.log)
    }
  }
}
