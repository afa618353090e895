import {
  endRefusedToken,
  MECHANISMS,
  mechanismOf,
  readAnswer,
  readCredentials,
  SASL_BYTES,
  type SaslAnswer,
  type SaslAsk,
  textOf,
} from '#mailcore/door/sasl'
import type { Credentials, Refusal } from '#mailcore/door/sign-in'
import { END_TEXT } from '#mailcore/door/sign-in'
import { openMaildrop } from './maildrop'
import {
  BadCommand,
  BEFORE_SIGN_IN_MS,
  err,
  FAILED_SIGN_INS,
  failed,
  type Handler,
  IDLE_MS,
  noArgument,
  ok,
  type Pop3Session,
  SIGN_IN_MS,
} from './session'

/** RFC 2449 section 5. What is said depends on the state: nobody is invited to send a password in the clear. */
export const capa: Handler = (session, argument) => {
  noArgument(argument)
  const signIn = session.drop ? [] : session.wire.secure ? ['USER', `SASL ${MECHANISMS.join(' ')}`] : ['STLS']
  const always = ['TOP', 'UIDL', 'RESP-CODES', 'AUTH-RESP-CODE', 'PIPELINING', 'UTF8', 'EXPIRE NEVER']
  const lines = ['+OK These are mine', ...always, ...signIn, 'IMPLEMENTATION MailTight', '.']
  session.wire.output.text(lines.map((line) => `${line}\r\n`).join(''))
}

/** RFC 2595 section 4. What the client sent behind it in the clear is forgotten (S-04). */
const stls: Handler = async (session, argument) => {
  noArgument(argument)
  if (session.wire.secure) throw new BadCommand('This connection is encrypted already')
  ok(session, 'Begin TLS now')
  // All that was said before is forgotten with it, the name too.
  session.username = null
  try {
    await session.door.startTls(session.wire)
  } catch {
    session.done = true
    return
  }
  session.wire.allowSilence(BEFORE_SIGN_IN_MS, BEFORE_SIGN_IN_MS)
}

/** RFC 6856 section 2.1. Messages go out as they stand in either mode: what was stored is never rewritten. */
const utf8: Handler = (session, argument) => {
  noArgument(argument)
  ok(session, 'UTF-8 it is')
}

const user: Handler = (session, argument) => {
  requireTls(session)
  const name = textOf(Buffer.from(argument, 'latin1'))?.trim()
  if (!name) throw new BadCommand('USER needs a name')
  session.username = name
  // One answer whether or not there is such a name.
  ok(session, 'And the password')
}

const pass: Handler = async (session, argument) => {
  requireTls(session)
  const username = session.username
  session.username = null
  if (username === null) throw new BadCommand('USER first')
  // Spaces are part of a password (RFC 1939 section 7).
  const password = textOf(Buffer.from(argument, 'latin1'))
  if (!password) throw new BadCommand('PASS needs a password in UTF-8')
  await signIn(session, { username, password })
}

/** RFC 5034. `AUTH` alone lists the mechanisms, as clients from before CAPA expect. */
const auth: Handler = async (session, argument) => {
  requireTls(session)
  if (argument.trim() === '') {
    session.wire.output.text(`+OK\r\n${MECHANISMS.map((name) => `${name}\r\n`).join('')}.\r\n`)
    return
  }
  const found = /^(\S+)(?: (\S+))? *$/.exec(argument)
  const mechanism = mechanismOf(found?.[1] ?? '')
  if (!mechanism) throw new BadCommand('No such mechanism')
  const outcome = await readCredentials(mechanism, initialOf(found?.[2]), askOf(session))
  switch (outcome?.kind) {
    case undefined:
      session.done = true
      return
    case 'credentials':
      return signIn(session, outcome.credentials)
    case 'refused':
      return refuse(session, { reason: 'credentials' })
    case 'cancelled':
      return err(session, 'Cancelled')
    case 'malformed':
      throw new BadCommand('That is no message of this mechanism')
    default:
      return outcome satisfies undefined
  }
}

/** RFC 5034 section 4: `=` stands for an initial response of no bytes. */
const initialOf = (text: string | undefined): SaslAnswer | null => {
  if (text === undefined) return null
  return text === '=' ? { kind: 'response', data: Buffer.alloc(0) } : readAnswer(text)
}

const askOf =
  (session: Pop3Session): SaslAsk =>
  async (challenge) => {
    session.wire.output.text(`+ ${challenge}\r\n`)
    const line = await session.wire.input.readLine(SASL_BYTES)
    return line === null ? null : readAnswer(line.toString('latin1'))
  }

function requireTls(session: Pop3Session): void {
  if (!session.wire.secure) throw new BadCommand('Not in the clear: STLS first')
}

async function signIn(session: Pop3Session, credentials: Credentials): Promise<void> {
  const { wire, shared } = session
  wire.allowSilence(SIGN_IN_MS)
  const result = await shared.signIns.signIn(wire, credentials)
  if (!result.ok) {
    wire.allowSilence(BEFORE_SIGN_IN_MS, BEFORE_SIGN_IN_MS)
    if ('token' in credentials && result.reason === 'credentials' && !(await endRefusedToken(askOf(session)))) {
      session.done = true
      return
    }
    return refuse(session, result)
  }
  const { entrance } = result
  if (!shared.locks.take(entrance.account.accountId)) {
    entrance.release()
    wire.allowSilence(BEFORE_SIGN_IN_MS, BEFORE_SIGN_IN_MS)
    return refuse(session, { reason: 'in-use' })
  }
  try {
    session.drop = { entrance, maildrop: await openMaildrop(entrance.store) }
  } catch (error) {
    shared.locks.release(entrance.account.accountId)
    entrance.release()
    wire.allowSilence(BEFORE_SIGN_IN_MS, BEFORE_SIGN_IN_MS)
    failed(session, error)
    return countFailure(session)
  }
  wire.allowSilence(IDLE_MS)
  const { messages, octets } = session.drop.maildrop.totals()
  ok(session, `${messages} messages, ${octets} octets`)
}

/** Codes of RFC 3206, by which a client knows whether asking its user for another password makes sense. */
function refuse(session: Pop3Session, refusal: Refusal | { reason: 'in-use' }): void {
  switch (refusal.reason) {
    case 'credentials':
      err(session, 'Wrong name or password', 'AUTH')
      break
    case 'suspended':
      err(session, END_TEXT.suspended, 'SYS/PERM')
      break
    case 'slow-down':
      err(session, `Too many failed attempts, try again in ${refusal.retryAfterS} seconds`, 'SYS/TEMP')
      break
    case 'unavailable':
      err(session, 'The service is not available at the moment, nothing was lost', 'SYS/TEMP')
      break
    case 'in-use':
      err(session, 'Another session has this mailbox open', 'IN-USE')
      break
    default:
      refusal satisfies never
  }
  countFailure(session)
}

function countFailure(session: Pop3Session): void {
  if (++session.failedSignIns >= FAILED_SIGN_INS) session.done = true
}

const quit: Handler = (session, argument) => {
  noArgument(argument)
  ok(session, 'Goodbye')
  session.done = true
}

export const AUTHORIZATION: ReadonlyMap<string, Handler> = new Map([
  ['CAPA', capa],
  ['STLS', stls],
  ['UTF8', utf8],
  ['USER', user],
  ['PASS', pass],
  ['AUTH', auth],
  ['QUIT', quit],
])
