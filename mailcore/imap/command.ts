import { Fault, type FaultCode, isOutage, toFault } from '#lib/errors'
import type { Session } from './session'
import type { Cursor } from './wire/cursor'
import { MessageRoom } from './wire/message-room'

/** Where a session stands (RFC 9051 section 3). */
export type State = 'new' | 'signed-in' | 'selected'

/** The tagged answer. `code` without its brackets. */
export interface Answer {
  status: 'OK' | 'NO' | 'BAD'
  code?: string
  text: string
}

/**
 * One command. `parse` reads all arguments and may only throw BadSyntax; what it returns is run afterwards, so that a command is either
 * understood whole or not begun.
 */
export interface Command {
  states: readonly State[]
  /**
   * What of others' changes may be told at its end: all; none that renumbers messages (FETCH, STORE, SEARCH by sequence number, RFC 9051 7.5.1);
   * nothing.
   */
  tells: 'all' | 'no-expunge' | 'nothing'
  /** Arguments name messages by sequence number: refused once UIDONLY is enabled (RFC 9586). */
  bySequence?: boolean
  parse(cursor: Cursor, session: Session): (session: Session) => Promise<Answer | null>
}

/** What `parse` returns. null: the tagged answer was sent already. */
export type Work = ReturnType<Command['parse']>

export const ok = (text: string, code?: string): Answer => ({
  status: 'OK',
  text,
  ...(code === undefined ? {} : { code }),
})
export const no = (text: string, code?: string): Answer => ({
  status: 'NO',
  text,
  ...(code === undefined ? {} : { code }),
})
export const bad = (text: string, code?: string): Answer => ({
  status: 'BAD',
  text,
  ...(code === undefined ? {} : { code }),
})

/** Thrown anywhere inside a command: the tagged NO with a code of its own. */
export class Refused extends Error {
  readonly answer: Answer

  constructor(text: string, code?: string) {
    super(text)
    this.name = 'Refused'
    this.answer = no(text, code)
  }
}

/** Runs work with room for messages on their way in, given back when it ends. */
export async function withRoom<R>(session: Session, work: (room: MessageRoom) => Promise<R>): Promise<R> {
  const room = new MessageRoom(session.store.account.accountId)
  try {
    return await work(room)
  } finally {
    room.release()
  }
}

/** Takes room for a message on its way in. Throws Refused when there is none. */
export function needRoom(room: MessageRoom, bytes: number): void {
  const none = room.take(bytes)
  if (none) throw new Refused(none.text, none.code)
}

/** RFC 5530 response codes for our faults. */
const CODES: Record<FaultCode, string> = {
  BAD_REQUEST: 'CANNOT',
  UNAUTHENTICATED: 'AUTHENTICATIONFAILED',
  FORBIDDEN: 'NOPERM',
  NOT_FOUND: 'NONEXISTENT',
  CONFLICT: 'CANNOT',
  LIMIT: 'LIMIT',
  OVER_QUOTA: 'OVERQUOTA',
  TOO_LARGE: 'TOOBIG',
  UNAVAILABLE: 'UNAVAILABLE',
  INTERNAL: 'SERVERBUG',
}

/** The tagged answer for what a command threw. `special` gives a command's better word for a fault (TRYCREATE, ALREADYEXISTS). */
export function refusal(error: unknown, special: Partial<Record<FaultCode, string>> = {}): Answer {
  if (error instanceof Refused) return error.answer
  const fault = toFault(error)
  if (fault.temporary || isOutage(error)) return no(fault.message, 'UNAVAILABLE')
  return no(fault.message, special[fault.code] ?? CODES[fault.code])
}

/** Runs `work` with better codes for some faults. */
export async function withCodes<R>(special: Partial<Record<FaultCode, string>>, work: () => Promise<R>): Promise<R> {
  try {
    return await work()
  } catch (error) {
    const code = error instanceof Fault && !error.temporary ? special[error.code] : undefined
    if (code === undefined || !(error instanceof Fault)) throw error
    throw new Refused(error.message, code)
  }
}
