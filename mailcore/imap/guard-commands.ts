import { login, plain } from './handlers/auth'
import { pendingRefusals, REFUSAL_TEXT } from './refusal'
import { isSequenceSet } from './sets'
import type { Command, CommandModule, Core, Reply, Session } from './types'

const COMMANDS = [
  ...['append', 'check', 'close', 'copy', 'create', 'delete', 'enable', 'expunge', 'fetch', 'getquota', 'getquotaroot'],
  ...['idle', 'list', 'lsub', 'move', 'rename', 'search', 'select', 'status', 'store', 'subscribe', 'uid-expunge'],
  ...['uid-store', 'unsubscribe'],
]

/** Guards on single commands, and one on the tagged answers of all. */
export function guardCommands(core: Core): void {
  // Plaintext sent together with STARTTLS survived into the TLS session (fixation, CVE-2021-38542 class). This door
  // is implicit TLS only, so the upgrade goes altogether.
  core.command('starttls').handler = (_command, done) =>
    done(null, { response: 'BAD', message: 'TLS is already active' })
  // Was carried out although not offered: a bomb inflates without bound (M-06), and lengths leak (CRIME).
  core.command('compress').handler = (_command, done) => done(null, { response: 'NO', message: 'Not offered' })
  // Both trimmed passwords, threw on NIL, and answered BAD to an outage.
  core.command('login').handler = login
  core.command('authenticate-plain').handler = plain
  for (const name of ['list', 'lsub']) answerDelimiter(core.command(name))
  for (const name of ['store', 'uid-store']) refuseUnchangedSinceZero(core.command(name))
  for (const name of COMMANDS) tidyReplies(core.command(name))
}

/** `LSUB "" ""` ended the process; `LIST "" ""` named a folder "/". RFC 3501 6.3.8: the delimiter and an empty name. */
function answerDelimiter(module: CommandModule): void {
  const { handler } = module
  module.handler = function (command, done, next) {
    const strings = (command.attributes ?? []).filter((attribute) => !Array.isArray(attribute))
    const pattern = strings[1]
    if (strings.length === 2 && pattern && !Array.isArray(pattern) && !pattern.value) {
      this.send(`* ${command.command.toUpperCase()} (\\Noselect) "/" ""`)
      return done(null, { response: 'OK' })
    }
    return handler.call(this, command, done, next)
  }
}

/**
 * `(UNCHANGEDSINCE 0)` was taken for no condition at all, and the flags changed. Every message has a greater modseq,
 * so all are refused (RFC 7162 3.1.3).
 */
function refuseUnchangedSinceZero(module: CommandModule): void {
  const { handler } = module
  module.handler = function (command, done, next) {
    const [set, condition] = command.attributes ?? []
    const number = Array.isArray(condition) ? condition[1] : undefined
    const isZero = number && !Array.isArray(number) && /^0+$/.test(String(number.value))
    if (isZero && set && !Array.isArray(set) && isSequenceSet(set.value)) {
      return done(null, { response: 'OK', code: `MODIFIED ${set.value}`, message: 'Conditional STORE failed' })
    }
    return handler.call(this, command, done, next)
  }
}

function tidyReplies(module: CommandModule): void {
  const { handler } = module
  module.handler = function (command, done, next) {
    // imap-core ends a session at its 1,000th SELECT or EXPUNGE: it reads a long-lived client as an attack.
    this.session.commandCounters = {}
    const session = this.session
    pendingRefusals.delete(session)
    return handler.call(this, command, (error, reply) => done(error, reply && tidied(reply, command, session)), next)
  }
}

function tidied(reply: Reply, command: Command, session: Session): Reply {
  // COPY of an empty set: `[COPYUID 1  ]` is no valid response code (RFC 4315 section 4 asks for none).
  if (reply.code && /^COPYUID \S+\s*$/.test(reply.code)) return { ...reply, code: false }
  if (reply.response !== 'NO') return reply
  // "NO [TEMPFAIL]" for every error of a handler: no such code is registered (RFC 5530).
  const code = reply.code === 'TEMPFAIL' ? (pendingRefusals.get(session) ?? 'UNAVAILABLE') : reply.code
  // imap-core's own texts echo nothing of the client; without one it would write "completed" after NO.
  return {
    ...reply,
    code,
    message: reply.message || REFUSAL_TEXT[code || ''] || `${command.command.toUpperCase()} failed`,
  }
}
