import {
  endRefusedToken,
  mechanismOf,
  readAnswer,
  readCredentials,
  type SaslAnswer,
  type SaslAsk,
} from '#mailcore/door/sasl'
import { type Answer, bad, type Command, no } from '../command'
import { IMAP_LIMITS } from '../limits'
import type { Session } from '../session'
import { signIn } from './login'

/** RFC 9051 6.2.2 with an initial response (SASL-IR): PLAIN (RFC 4616), LOGIN, OAUTHBEARER (RFC 7628), XOAUTH2. */
export const authenticate: Command = {
  states: ['new'],
  tells: 'nothing',
  parse: (cursor) => {
    cursor.space()
    const name = cursor.word()
    const initial = cursor.maybe(' ') ? cursor.until(' ') : undefined
    return (session) => exchange(session, name, initial === '=' ? '' : initial)
  },
}

async function exchange(session: Session, name: string, initial: string | undefined): Promise<Answer | null> {
  const mechanism = mechanismOf(name)
  if (!mechanism) return no('That mechanism is not offered', 'CANNOT')
  if (!session.door.secure) return no('Start TLS first: a password must not travel in the clear', 'PRIVACYREQUIRED')
  const ask = asker(session)
  const outcome = await readCredentials(mechanism, initial === undefined ? null : readAnswer(initial), ask)
  if (!outcome) return null
  switch (outcome.kind) {
    case 'cancelled':
      return bad('Cancelled')
    case 'malformed':
      return bad(`That is not a message of ${mechanism}`)
    case 'refused':
      session.failedSignIns++
      return no('You may act as yourself only', 'AUTHORIZATIONFAILED')
    case 'credentials': {
      const answer = await signIn(session, outcome.credentials)
      if ('token' in outcome.credentials && answer.code === 'AUTHENTICATIONFAILED') await endRefusedToken(ask)
      return answer
    }
    default:
      return outcome satisfies never
  }
}

const asker =
  ({ out, door }: Session): SaslAsk =>
  async (challenge): Promise<SaslAnswer | null> => {
    out.text(`+ ${challenge}\r\n`)
    out.push()
    const line = await door.input.readLine(IMAP_LIMITS.lineBeforeLoginBytes)
    return line && readAnswer(line.toString('latin1'))
  }
