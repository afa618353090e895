import { codeOf, isOutage } from '#lib/errors'
import { TooLong } from '#mailcore/door/input'
import type { DoorSession } from '#mailcore/door/session'
import { END_TEXT } from '#mailcore/door/sign-in'
import { capabilities } from './capabilities'
import { type Answer, bad, type Command, refusal, type Work } from './command'
import { COMMANDS } from './commands'
import { IMAP_LIMITS } from './limits'
import { type ImapDoor, Session } from './session'
import { BadSyntax, Cursor } from './wire/cursor'
import { type Request, readRequest } from './wire/request'

/** Serves one client from greeting to goodbye. */
export async function serveClient(imap: ImapDoor, door: DoorSession): Promise<void> {
  const session = new Session(imap, door)
  door.onEnd((reason) => {
    if (session.over) return
    session.over = true
    session.untagged(
      `BYE ${reason === 'stopping' || reason === 'idle' || reason === 'slow' ? '' : '[UNAVAILABLE] '}${END_TEXT[reason]}`,
    )
  })
  door.allowSilence(IMAP_LIMITS.loginMs, IMAP_LIMITS.loginMs)
  session.untagged(`OK [CAPABILITY ${capabilities(session)}] MailTight ready`)
  session.out.rest()
  try {
    await converse(session)
  } finally {
    session.leave()
  }
}

async function converse(session: Session): Promise<void> {
  const { door, out } = session
  let badInRow = 0
  while (!session.over && !door.isClosed) {
    let read: Awaited<ReturnType<typeof readRequest>>
    try {
      read = await readRequest(door.input, {
        account: session.entrance?.account.accountId,
        go: () => {
          out.text('+ Go on\r\n')
          out.push()
        },
      })
    } catch (error) {
      if (!(error instanceof TooLong)) throw error
      return session.goodbye('The line is too long', 'LIMIT')
    }
    if (session.over) return
    if (read.kind === 'end') return read.text === undefined ? undefined : session.goodbye(read.text, 'TOOBIG')
    if (read.kind === 'request') {
      const answer = await session.exclusively(() => run(session, read.request)).finally(() => read.request.release())
      badInRow = answer === 'bad' ? badInRow + 1 : 0
    } else {
      badInRow++
      out.text(
        read.kind === 'bad' ? `${read.tag} BAD ${read.text}\r\n` : `${read.tag} NO [${read.code}] ${read.text}\r\n`,
      )
    }
    if (session.failedSignIns >= IMAP_LIMITS.failedSignIns) return session.goodbye('Too many failed attempts')
    if (badInRow >= IMAP_LIMITS.badCommands) return session.goodbye('That is not IMAP')
    // With more commands here already, their answers travel together; else the session falls silent and keeps no buffer.
    if (door.input.pending > 0) await out.flush()
    else {
      await out.flush()
      out.rest()
    }
  }
}

/** Runs one command and writes its tagged answer; says whether it was unreadable. */
async function run(session: Session, request: Request): Promise<'bad' | 'fine'> {
  const { tag, name } = request
  session.tag = tag
  const command = COMMANDS.get(name)
  const prepared = prepare(session, command, request)
  if ('status' in prepared) {
    write(session, tag, prepared)
    return 'bad'
  }
  let answer: Answer | null
  try {
    if (!(await session.stillAllowed())) return 'fine'
    answer = await prepared.work(session)
  } catch (error) {
    answer = error instanceof BadSyntax ? bad(error.message) : refusal(error)
    if (answer?.code === 'SERVERBUG' || isOutage(error)) {
      session.imap.log.warn('imap.refused', {
        session: session.door.id,
        command: name,
        code: answer?.code ?? '',
        cause: codeOf(error),
      })
    }
  }
  if (session.over || answer === null) return 'fine'
  const { tells } = prepared.command
  if (tells !== 'nothing') await session.sync(tells)
  if (!session.over) write(session, tag, answer)
  return answer.status === 'BAD' ? 'bad' : 'fine'
}

const WHEN = {
  new: 'before you sign in',
  'signed-in': 'without a selected mailbox',
  selected: 'while a mailbox is selected',
} as const

function prepare(
  session: Session,
  command: Command | undefined,
  request: Request,
): Answer | { command: Command; work: Work } {
  if (!command) return bad('Unknown command')
  if (!command.states.includes(session.state)) return bad(`${request.name} cannot be used ${WHEN[session.state]}`)
  if (command.bySequence && session.uidOnly) return bad('Message numbers are not used after UIDONLY', 'UIDREQUIRED')
  try {
    const cursor = new Cursor(request.pieces, session.wide)
    const work = command.parse(cursor, session)
    cursor.end()
    return { command, work }
  } catch (error) {
    if (error instanceof BadSyntax) return bad(error.message)
    throw error
  }
}

function write(session: Session, tag: string, { status, code, text }: Answer): void {
  session.out.text(`${tag} ${status} ${code === undefined ? '' : `[${code}] `}${text}\r\n`)
}
