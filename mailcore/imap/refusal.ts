import { codeOf, type FaultCode, isOutage, toFault } from '#lib/errors'
import type { Log } from '#lib/log'
import type { Session } from './types'

/** RFC 5530 response codes for our faults. Commands with a better word for one give it in `special`. */
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

/** What the person reads beside a code, since imap-core would write "SELECT completed" after NO. */
export const REFUSAL_TEXT: Record<string, string> = {
  CANNOT: 'That cannot be done here',
  NOPERM: 'You may not do that at the moment',
  NONEXISTENT: 'There is no such folder',
  TRYCREATE: 'There is no such folder; create it first',
  ALREADYEXISTS: 'There is already a folder of that name',
  LIMIT: 'A limit is reached',
  OVERQUOTA: 'The mailbox is full',
  TOOBIG: 'The message is too large',
  UNAVAILABLE: 'The service is restarting; nothing was lost, please try again in a moment',
  SERVERBUG: 'Something went wrong on our side',
  'READ-ONLY': 'The folder was opened for reading only',
}

export type Special = Partial<Record<FaultCode, string>>

export function refusalCode(error: unknown, special: Special = {}): string {
  const fault = toFault(error)
  if (fault.temporary || isOutage(error)) return 'UNAVAILABLE'
  return special[fault.code] ?? CODES[fault.code]
}

/** Codes for commands whose handler can only say `error`, for which imap-core answers a fixed TEMPFAIL; see guards. */
export const pendingRefusals = new WeakMap<Session, string>()

/**
 * Runs an async handler behind imap-core's callbacks: a rejection becomes a NO with its code, and whatever imap-core
 * throws from its own callback ends this one connection instead of the process.
 */
export function serve<R>(
  context: { log: Log; session: Session; command: string; special?: Special },
  work: () => Promise<R>,
  outcome: { reply: (result: R) => void; refuse: (code: string) => void },
): void {
  const run = async () => {
    let finish: () => void
    try {
      const result = await work()
      finish = () => outcome.reply(result)
    } catch (error) {
      const code = refusalCode(error, context.special)
      if (code === 'SERVERBUG' || code === 'UNAVAILABLE') {
        context.log.warn('imap.refused', {
          session: context.session.id,
          command: context.command,
          code,
          cause: codeOf(error),
        })
      }
      pendingRefusals.set(context.session, code)
      finish = () => outcome.refuse(code)
    }
    try {
      finish()
    } catch (error) {
      context.log.error('imap.reply-failed', {
        session: context.session.id,
        command: context.command,
        cause: codeOf(error),
      })
      context.session.socket.destroy()
    }
  }
  void run()
}
