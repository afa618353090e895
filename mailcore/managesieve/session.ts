import { codeOf, toFault } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import type { Log } from '#lib/log'
import { TooLong } from '#mailcore/door/input'
import type { Door } from '#mailcore/door/listen'
import { SASL_BYTES } from '#mailcore/door/sasl'
import type { DoorSession } from '#mailcore/door/session'
import { END_TEXT, type Entrance, type SignIns } from '#mailcore/door/sign-in'
import type { CompileResult } from '#mailcore/sieve/types'
import { type Argument, type ReadLimits, receive } from './read-command'

/** Silence before sign-in, and the time for it in all (R-10 b). */
export const BEFORE_SIGN_IN_MS = 60_000
/** RFC 5804 section 1.2: at least thirty minutes after sign-in. */
export const IDLE_MS = 30 * 60_000
/** Our own time for checking a password: it is not the client who is silent then. */
export const SIGN_IN_MS = 120_000
/** Commands one may send before signing in. */
const COMMANDS_BEFORE_SIGN_IN = 100
const BAD_COMMANDS = 10
/** Sign-ins that fail, before the connection closes. How many connections may fail is the directory's to count. */
export const FAILED_SIGN_INS = 3

/** Before sign-in the longest is a token (M-04: memory for strangers is bounded). */
export const READ_BEFORE: ReadLimits = { lineBytes: SASL_BYTES + 256, literalBytes: SASL_BYTES, skipBytes: 0 }
const READ_AFTER: ReadLimits = {
  lineBytes: SASL_BYTES + 256,
  literalBytes: LIMITS.scriptBytes + LIMITS.scriptNameBytes,
  // A script that is too long by mistake gets its answer.
  skipBytes: 64 * 1024 * 1024,
}

/** The language, as this door needs it: see mailcore/sieve. */
export interface ScriptLanguage {
  compile(text: string): CompileResult | Promise<CompileResult>
  /** Names for `require`, as the SIEVE capability lists them. */
  extensions: readonly string[]
}

/** What all sessions of a door share. */
export interface Shared {
  signIns: SignIns
  sieve: ScriptLanguage
  log: Log
  hostname: string
}

/** One session: authenticated while there is an entrance (RFC 5804 section 1.1). */
export interface SieveSession {
  readonly shared: Shared
  readonly door: Door
  readonly wire: DoorSession
  entrance: Entrance | null
  failedSignIns: number
  /** Commands before sign-in. */
  early: number
  /** Nothing is read any more. */
  done: boolean
}

/** Response codes of RFC 5804 section 1.3. */
export type ResponseCode =
  | 'AUTH-TOO-WEAK'
  | 'ENCRYPT-NEEDED'
  | 'QUOTA'
  | 'QUOTA/MAXSCRIPTS'
  | 'QUOTA/MAXSIZE'
  | 'NONEXISTENT'
  | 'ALREADYEXISTS'
  | 'ACTIVE'
  | 'TRYLATER'
  | 'WARNINGS'

export type Handler = (session: SieveSession, args: readonly Argument[]) => Promise<void> | void

/** Commands by name and the state in which they are known. */
export interface Commands {
  before: ReadonlyMap<string, Handler>
  after: ReadonlyMap<string, Handler>
}

/** A string for the client, one character per byte: quoted where it may be, else a literal (RFC 5804 section 1.2). */
export function stringOf(text: string): string {
  const bytes = Buffer.from(text).toString('latin1')
  if (bytes.length > 1_024 || /[\0\r\n]/.test(bytes)) return `{${bytes.length}}\r\n${bytes}`
  return `"${bytes.replace(/["\\]/g, '\\$&')}"`
}

const say = (session: SieveSession, word: string, text: string, code?: ResponseCode): void =>
  session.wire.output.text(`${word} ${code ? `(${code}) ` : ''}${stringOf(text)}\r\n`)
export const ok = (session: SieveSession, text: string, code?: ResponseCode): void => say(session, 'OK', text, code)
export const no = (session: SieveSession, text: string, code?: ResponseCode): void => say(session, 'NO', text, code)
/** Says goodbye, and reads nothing more. */
export function bye(session: SieveSession, text: string, code?: ResponseCode): void {
  say(session, 'BYE', text, code)
  session.done = true
}

/** A command that is none: unknown, in the wrong state, of the wrong form. */
export class BadCommand extends Error {}

/** Serves one client until it logs out, goes, or is sent away. */
export async function serveManageSieve(
  session: SieveSession,
  commands: Commands,
  greet: (session: SieveSession) => void,
): Promise<void> {
  const { wire } = session
  wire.allowSilence(BEFORE_SIGN_IN_MS, BEFORE_SIGN_IN_MS)
  wire.onEnd((reason) => bye(session, END_TEXT[reason], reason === 'stopping' ? 'TRYLATER' : undefined))
  greet(session)
  try {
    await serveCommands(session, commands)
  } catch (error) {
    if (!(error instanceof TooLong)) throw error
    bye(session, 'Too long')
  } finally {
    session.entrance?.release()
    session.entrance = null
  }
}

async function serveCommands(session: SieveSession, commands: Commands): Promise<void> {
  const { input, output } = session.wire
  let bad = 0
  while (!session.done) {
    if (output.full) await output.flush()
    const received = await receive(input, session.entrance ? READ_AFTER : READ_BEFORE)
    if (received === null) return
    if (!session.entrance && ++session.early > COMMANDS_BEFORE_SIGN_IN) return bye(session, 'Too many commands')
    try {
      if (received.kind === 'too-large') no(session, 'That is too long', 'QUOTA/MAXSIZE')
      else if (received.kind === 'bad') throw new BadCommand(received.text)
      else await dispatch(session, commands, received)
    } catch (error) {
      if (!(error instanceof BadCommand)) throw error
      if (++bad >= BAD_COMMANDS) return bye(session, 'Too many bad commands')
      no(session, error.message)
    }
  }
}

async function dispatch(
  session: SieveSession,
  commands: Commands,
  { name, args }: { name: string; args: readonly Argument[] },
): Promise<void> {
  const handler = (session.entrance ? commands.after : commands.before).get(name)
  if (!handler) {
    if (!session.entrance && commands.after.has(name)) throw new BadCommand('Authenticate first')
    throw new BadCommand(session.entrance && commands.before.has(name) ? 'You are signed in' : 'Unknown command')
  }
  try {
    await handler(session, args)
  } catch (error) {
    if (error instanceof BadCommand || error instanceof TooLong) throw error
    failed(session, error)
  }
}

/** Answers a failure on our side, and notes it by its code. */
function failed(session: SieveSession, error: unknown): void {
  const fault = toFault(error)
  if (fault.code === 'OVER_QUOTA') no(session, 'Your mailbox is full', 'QUOTA')
  else if (fault.code === 'FORBIDDEN') no(session, 'This mailbox may not be changed at the moment')
  else no(session, 'The service is not available at the moment, nothing was lost', 'TRYLATER')
  session.shared.log.warn('managesieve.command-failed', {
    session: session.wire.id,
    account: session.entrance?.account.accountId,
    code: fault.code,
    cause: codeOf(error),
  })
}
