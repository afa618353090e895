import { capabilities } from '../capabilities'
import { type Command, ok } from '../command'
import { IMAP_LIMITS } from '../limits'

const ANY = ['new', 'signed-in', 'selected'] as const

/** RFC 9051 6.1.1 */
export const capability: Command = {
  states: ANY,
  tells: 'all',
  parse: () => async (session) => {
    session.untagged(`CAPABILITY ${capabilities(session)}`)
    return ok('Capabilities listed')
  },
}

/** RFC 9051 6.1.2: always current, so it asks the database (I-N1). */
export const noop: Command = {
  states: ANY,
  tells: 'all',
  parse: () => async (session) => {
    await session.sync('all', true)
    return ok('Done')
  },
}

/** RFC 3501 6.4.1: all is on disk already. */
export const check: Command = { ...noop, states: ['selected'] }

/** RFC 9051 6.1.3 */
export const logout: Command = {
  states: ANY,
  tells: 'nothing',
  parse: () => async (session) => {
    session.untagged('BYE Until next time')
    session.out.text(`${session.tag} OK Signed out\r\n`)
    session.over = true
    session.door.close()
    return null
  },
}

/** RFC 8437: back to the state before sign-in, on the same connection. */
export const unauthenticate: Command = {
  states: ['signed-in', 'selected'],
  tells: 'nothing',
  parse: () => async (session) => {
    session.leave()
    session.door.allowSilence(IMAP_LIMITS.loginMs, IMAP_LIMITS.loginMs)
    return ok('Sign in again')
  },
}
