import type { Credentials, Refusal } from '#mailcore/door/sign-in'
import { capabilities } from '../capabilities'
import { type Answer, type Command, no, ok } from '../command'
import { IMAP_LIMITS } from '../limits'
import type { Session } from '../session'

/** RFC 9051 6.2.3 */
export const login: Command = {
  states: ['new'],
  tells: 'nothing',
  parse: (cursor) => {
    cursor.space()
    const username = cursor.utf8Of(cursor.astring())
    cursor.space()
    const password = cursor.utf8Of(cursor.astring())
    return (session) => signIn(session, { username, password })
  },
}

/** Signs in, over TLS only: a password is not even checked in the clear (RFC 9051 11.1). */
export async function signIn(session: Session, credentials: Credentials): Promise<Answer> {
  if (!session.door.secure) return no('Start TLS first: a password must not travel in the clear', 'PRIVACYREQUIRED')
  const result = await session.imap.signIns.signIn(session.door, credentials)
  if (!result.ok) {
    session.failedSignIns++
    return refused(result)
  }
  await session.enter(result.entrance)
  session.failedSignIns = 0
  session.door.allowSilence(IMAP_LIMITS.silenceMs)
  return ok('Signed in', `CAPABILITY ${capabilities(session)}`)
}

function refused(refusal: Refusal): Answer {
  switch (refusal.reason) {
    case 'credentials':
      return no('Invalid credentials', 'AUTHENTICATIONFAILED')
    case 'suspended':
      return no('This account may not sign in at the moment', 'CONTACTADMIN')
    case 'slow-down':
      return no(`Too many failed attempts; try again in ${Math.ceil(refusal.retryAfterS)} seconds`, 'LIMIT')
    case 'unavailable':
      return no('The service is restarting; nothing was lost, please try again in a moment', 'UNAVAILABLE')
  }
}
