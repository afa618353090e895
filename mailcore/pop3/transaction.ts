import type { MailStore } from '#mailcore/ports'
import { capa } from './authorization'
import type { Maildrop } from './maildrop'
import { nextTurn, sendMessage, topEnd } from './multiline'
import { BadCommand, err, failed, type Handler, IDLE_MS, leave, noArgument, ok, type Pop3Session } from './session'

/** Lines of a listing written before other sessions have their turn. */
const TURN_LINES = 5_000

function dropOf(session: Pop3Session): { maildrop: Maildrop; store: MailStore } {
  if (!session.drop) throw new BadCommand('Sign in first')
  return { maildrop: session.drop.maildrop, store: session.drop.entrance.store }
}

const stat: Handler = (session, argument) => {
  noArgument(argument)
  const { messages, octets } = dropOf(session).maildrop.totals()
  ok(session, `${messages} ${octets}`)
}

/** LIST and UIDL (RFC 1939 sections 5 and 7): one line a message, or the one asked for. */
const listing =
  (show: (maildrop: Maildrop, index: number) => string | number): Handler =>
  async (session, argument) => {
    const { maildrop } = dropOf(session)
    const asked = argument.trim()
    if (asked !== '') {
      const index = findMessage(session, maildrop, asked)
      if (index >= 0) ok(session, `${index + 1} ${show(maildrop, index)}`)
      return
    }
    const { output } = session.wire
    const { messages, octets } = maildrop.totals()
    ok(session, `${messages} messages, ${octets} octets`)
    for (let index = 0; index < maildrop.view.uids.length; index++) {
      if (maildrop.isDeleted(index)) continue
      output.text(`${index + 1} ${show(maildrop, index)}\r\n`)
      if (output.full) await flushed(session)
      if (index % TURN_LINES === TURN_LINES - 1) {
        await nextTurn()
        if (!output.open) return
      }
    }
    output.text('.\r\n')
  }

/** The index of a message; -1 when there is none, which has been answered then. */
function findMessage(session: Pop3Session, maildrop: Maildrop, text: string): number {
  if (!/^[0-9]+$/.test(text)) throw new BadCommand('A message number was expected')
  const index = maildrop.find(text)
  if (index < 0) err(session, 'No such message')
  return index
}

async function flushed(session: Pop3Session): Promise<void> {
  await session.wire.output.flush()
  // Reading our answer is a sign of life, if a slow one (R-10 f).
  session.wire.allowSilence(IDLE_MS)
}

const retr: Handler = (session, argument) => {
  const { maildrop } = dropOf(session)
  const index = findMessage(session, maildrop, argument.trim())
  return index < 0 ? undefined : send(session, index)
}

const top: Handler = (session, argument) => {
  const { maildrop } = dropOf(session)
  const found = /^([0-9]+) +([0-9]+) *$/.exec(argument)
  if (!found) throw new BadCommand('TOP needs a message number and a number of lines')
  const index = findMessage(session, maildrop, found[1] ?? '')
  return index < 0 ? undefined : send(session, index, Number(found[2]))
}

async function send(session: Pop3Session, index: number, lines?: number): Promise<void> {
  const { maildrop, store } = dropOf(session)
  const raw = await readBody(store, maildrop, index)
  if (!raw) return err(session, 'This message has been deleted elsewhere')
  ok(session, lines === undefined ? `${raw.length} octets` : 'The top of it')
  const part = lines === undefined ? raw : raw.subarray(0, topEnd(raw, lines))
  await sendMessage(session.wire.output, part, () => session.wire.allowSilence(IDLE_MS))
}

/** The stream is ended before anything is sent, so that a slow reader holds no connection to the database. */
async function readBody(store: MailStore, maildrop: Maildrop, index: number): Promise<Buffer | null> {
  const uid = maildrop.view.uids[index]
  if (uid === undefined) return null
  for await (const { raw } of store.bodies(maildrop.view.folder.id, [uid])) return raw
  return null
}

const dele: Handler = (session, argument) => {
  const { maildrop } = dropOf(session)
  const index = findMessage(session, maildrop, argument.trim())
  if (index < 0) return
  maildrop.markDeleted(index)
  ok(session, `Message ${index + 1} goes when you quit`)
}

const rset: Handler = (session, argument) => {
  noArgument(argument)
  const { maildrop } = dropOf(session)
  maildrop.unmarkAll()
  ok(session, `${maildrop.totals().messages} messages stay`)
}

const noop: Handler = (session, argument) => {
  noArgument(argument)
  ok(session, 'Nothing done')
}

/**
 * QUIT enters the UPDATE state (RFC 1939 section 6): what was marked goes in one commit, and only then it is said. When that fails nothing has
 * gone. The lock is given back before the answer, since a client may sign in again as soon as it has it.
 */
const quit: Handler = async (session, argument) => {
  noArgument(argument)
  const { maildrop, store } = dropOf(session)
  const doomed = maildrop.doomed()
  session.done = true
  try {
    if (doomed.length > 0) await store.remove(maildrop.view.folder.id, doomed)
  } catch (error) {
    failed(session, error)
    return
  }
  leave(session)
  ok(session, doomed.length > 0 ? `${doomed.length} messages deleted, goodbye` : 'Goodbye')
}

export const TRANSACTION: ReadonlyMap<string, Handler> = new Map([
  ['CAPA', capa],
  ['STAT', stat],
  ['LIST', listing((maildrop, index) => maildrop.view.sizes[index] ?? 0)],
  ['UIDL', listing((maildrop, index) => maildrop.uniqueId(index))],
  ['RETR', retr],
  ['TOP', top],
  ['DELE', dele],
  ['RSET', rset],
  ['NOOP', noop],
  ['QUIT', quit],
])
