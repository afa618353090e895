import { codeOf, toFault } from '#lib/errors'
import type { Log } from '#lib/log'
import { TooLong } from '#mailcore/door/input'
import type { Door } from '#mailcore/door/listen'
import { SASL_BYTES } from '#mailcore/door/sasl'
import type { DoorSession } from '#mailcore/door/session'
import type { Entrance, SignIns } from '#mailcore/door/sign-in'
import type { MaildropLocks } from './locks'
import type { Maildrop } from './maildrop'
import { type ResponseCode, readCommand, refusalOf } from './wire'

/** Silence before sign-in, and the time for it in all (R-10 b). */
export const BEFORE_SIGN_IN_MS = 60_000
/** Silence after sign-in: RFC 1939 section 3 asks for at least ten minutes. */
export const IDLE_MS = 10 * 60_000
/** Our own time for checking a password: it is not the client who is silent then. */
export const SIGN_IN_MS = 120_000
/** Commands one may send before signing in. A client needs five. */
const COMMANDS_BEFORE_SIGN_IN = 100
/** Commands that are none, before we take the other side for no mail program. */
const BAD_COMMANDS = 10
/** Sign-ins that fail, before the connection closes. How many connections may fail is the directory's to count. */
export const FAILED_SIGN_INS = 3

/** What all sessions of a door share. */
export interface Shared {
  signIns: SignIns
  locks: MaildropLocks
  log: Log
  hostname: string
}

/** One session: AUTHORIZATION while `drop` is null, TRANSACTION then (RFC 1939 section 3). */
export interface Pop3Session {
  readonly shared: Shared
  readonly door: Door
  readonly wire: DoorSession
  /** The argument of USER, until PASS. */
  username: string | null
  failedSignIns: number
  drop: { entrance: Entrance; maildrop: Maildrop } | null
  /** Nothing is read any more. */
  done: boolean
}

export type Handler = (session: Pop3Session, argument: string) => Promise<void> | void

/** Commands by keyword, for each state. */
export interface Commands {
  authorization: ReadonlyMap<string, Handler>
  transaction: ReadonlyMap<string, Handler>
}

export const ok = (session: Pop3Session, text: string): void => session.wire.output.text(`+OK ${text}\r\n`)
export const err = (session: Pop3Session, text: string, code?: ResponseCode): void =>
  session.wire.output.text(`-ERR ${code ? `[${code}] ` : ''}${text}\r\n`)

/** A command that is none: wrong keyword, wrong state, wrong form. */
export class BadCommand extends Error {}

/** Serves one client until it quits, goes, or is sent away. A client that goes without QUIT has deleted nothing. */
export async function servePop3(wire: DoorSession, door: Door, shared: Shared, commands: Commands): Promise<void> {
  const session: Pop3Session = { shared, door, wire, username: null, failedSignIns: 0, drop: null, done: false }
  wire.allowSilence(BEFORE_SIGN_IN_MS, BEFORE_SIGN_IN_MS)
  ok(session, `${shared.hostname} POP3 ready`)
  try {
    await serveCommands(session, commands)
  } catch (error) {
    if (!(error instanceof TooLong)) throw error
    err(session, 'Line too long')
  } finally {
    leave(session)
  }
}

/** Gives the maildrop back and closes its keys. */
export function leave(session: Pop3Session): void {
  const drop = session.drop
  session.drop = null
  if (!drop) return
  session.shared.locks.release(drop.entrance.account.accountId)
  drop.entrance.release()
}

async function serveCommands(session: Pop3Session, commands: Commands): Promise<void> {
  const { input, output } = session.wire
  let early = 0
  let bad = 0
  while (!session.done) {
    if (output.full) await output.flush()
    const line = await input.readLine(SASL_BYTES + 64)
    if (line === null) return
    if (!session.drop && ++early > COMMANDS_BEFORE_SIGN_IN) return err(session, 'Too many commands')
    try {
      await dispatch(session, commands, line)
    } catch (error) {
      if (!(error instanceof BadCommand)) throw error
      if (++bad >= BAD_COMMANDS) return err(session, 'Too many bad commands')
      err(session, error.message)
    }
  }
}

async function dispatch(session: Pop3Session, commands: Commands, line: Buffer): Promise<void> {
  const command = readCommand(line)
  if (!command) throw new BadCommand('Not a command, or too long for one')
  const known = session.drop ? commands.transaction : commands.authorization
  const handler = known.get(command.keyword)
  if (!handler) throw new BadCommand(unknownText(session, commands, command.keyword))
  try {
    await handler(session, command.argument)
  } catch (error) {
    if (error instanceof BadCommand || error instanceof TooLong) throw error
    failed(session, error)
  }
}

const unknownText = (session: Pop3Session, commands: Commands, keyword: string): string => {
  if (!session.drop && commands.transaction.has(keyword)) return 'Sign in first'
  return session.drop && commands.authorization.has(keyword) ? 'You are signed in' : 'Unknown command'
}

/** Answers a failure on our side, and notes it by its code. */
export function failed(session: Pop3Session, error: unknown): void {
  const { code, text } = refusalOf(error)
  err(session, text, code)
  session.shared.log.warn('pop3.command-failed', {
    session: session.wire.id,
    account: session.drop?.entrance.account.accountId,
    code: toFault(error).code,
    cause: codeOf(error),
  })
}

/** The argument must be empty; spaces at the end of a line are forgiven. */
export function noArgument(argument: string): void {
  if (argument.trim() !== '') throw new BadCommand('This command has no argument')
}
