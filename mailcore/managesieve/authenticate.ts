import {
  endRefusedToken,
  mechanismOf,
  readAnswer,
  readCredentials,
  type SaslAnswer,
  type SaslAsk,
} from '#mailcore/door/sasl'
import { type Credentials, END_TEXT, type Refusal } from '#mailcore/door/sign-in'
import { greet, SIEVE_MECHANISMS } from './greeting'
import { type Argument, receive } from './read-command'
import {
  BadCommand,
  BEFORE_SIGN_IN_MS,
  bye,
  FAILED_SIGN_INS,
  type Handler,
  IDLE_MS,
  no,
  ok,
  READ_BEFORE,
  SIGN_IN_MS,
  type SieveSession,
} from './session'
import { noArguments } from './words'

/** RFC 5804 section 2.2. What the client sent behind it in the clear is forgotten (S-04); the capabilities come anew. */
export const starttls: Handler = async (session, args) => {
  noArguments(args)
  if (session.wire.secure) throw new BadCommand('This connection is encrypted already')
  ok(session, 'Begin TLS now')
  try {
    await session.door.startTls(session.wire)
  } catch {
    session.done = true
    return
  }
  session.wire.allowSilence(BEFORE_SIGN_IN_MS, BEFORE_SIGN_IN_MS)
  greet(session)
}

/**
 * RFC 5804 section 2.1. The capabilities are not sent again after it, since no mechanism here brings a security layer: a client would take them
 * for the answer to its next command.
 */
export const authenticate: Handler = async (session, args) => {
  const [first, initial, ...rest] = args
  if (first?.kind !== 'string' || initial?.kind === 'number' || rest.length > 0)
    throw new BadCommand('AUTHENTICATE has a mechanism and at most one string more')
  if (!session.wire.secure) return no(session, 'Not in the clear: STARTTLS first', 'ENCRYPT-NEEDED')
  const mechanism = mechanismOf(first.bytes.toString('latin1'))
  if (!mechanism || !SIEVE_MECHANISMS.some((offered) => offered === mechanism))
    throw new BadCommand('No such mechanism')
  const outcome = await readCredentials(mechanism, initial ? answerOf(initial) : null, askOf(session))
  switch (outcome?.kind) {
    case undefined:
      session.done = true
      return
    case 'credentials':
      return signIn(session, outcome.credentials)
    case 'refused':
      return refuse(session, { reason: 'credentials' })
    case 'cancelled':
      return no(session, 'Cancelled')
    case 'malformed':
      throw new BadCommand('That is no message of this mechanism')
    default:
      return outcome satisfies undefined
  }
}

const answerOf = (arg: Argument): SaslAnswer => {
  if (arg.kind !== 'string') return { kind: 'malformed' }
  const text = arg.bytes.toString('latin1')
  // Some clients write an initial response of no bytes as other protocols do (RFC 4959).
  return text === '=' ? { kind: 'response', data: Buffer.alloc(0) } : readAnswer(text)
}

const askOf =
  (session: SieveSession): SaslAsk =>
  async (challenge) => {
    session.wire.output.text(`"${challenge}"\r\n`)
    const received = await receive(session.wire.input, READ_BEFORE)
    if (received === null) return null
    const [answer, ...more] = received.kind === 'words' && received.name === '' ? received.args : []
    return answer && more.length === 0 ? answerOf(answer) : { kind: 'malformed' }
  }

async function signIn(session: SieveSession, credentials: Credentials): Promise<void> {
  const { wire, shared } = session
  wire.allowSilence(SIGN_IN_MS)
  const result = await shared.signIns.signIn(wire, credentials)
  if (result.ok) {
    session.entrance = result.entrance
    wire.allowSilence(IDLE_MS)
    return ok(session, 'Welcome')
  }
  wire.allowSilence(BEFORE_SIGN_IN_MS, BEFORE_SIGN_IN_MS)
  if ('token' in credentials && result.reason === 'credentials' && !(await endRefusedToken(askOf(session)))) {
    session.done = true
    return
  }
  refuse(session, result)
}

function refuse(session: SieveSession, refusal: Refusal): void {
  switch (refusal.reason) {
    case 'credentials':
      no(session, 'Wrong name or password')
      break
    case 'suspended':
      no(session, END_TEXT.suspended)
      break
    case 'slow-down':
      no(session, `Too many failed attempts, try again in ${refusal.retryAfterS} seconds`, 'TRYLATER')
      break
    case 'unavailable':
      no(session, 'The service is not available at the moment, nothing was lost', 'TRYLATER')
      break
    default:
      refusal satisfies never
  }
  if (++session.failedSignIns >= FAILED_SIGN_INS) bye(session, 'Too many failed attempts')
}

/** RFC 5804 section 2.14: back to before AUTHENTICATE, on the same connection. */
export const unauthenticate: Handler = (session, args) => {
  noArguments(args)
  session.entrance?.release()
  session.entrance = null
  session.early = 0
  session.wire.allowSilence(BEFORE_SIGN_IN_MS, BEFORE_SIGN_IN_MS)
  ok(session, 'Who is it now?')
}
