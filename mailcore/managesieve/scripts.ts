import { Fault, type FaultCode } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import { textOf } from '#mailcore/door/sasl'
import type { MailStore } from '#mailcore/ports'
import { BadCommand, type Handler, no, ok, type ResponseCode, type SieveSession, stringOf } from './session'
import { noArguments, scriptName, stringsOf } from './words'

/** Faults of a script that are told; who has hundreds wants the first. */
const FAULTS_SHOWN = 20

function storeOf(session: SieveSession): MailStore {
  if (!session.entrance) throw new BadCommand('Authenticate first')
  return session.entrance.store
}

/** Does the work and says OK; the faults that `expected` names are answers too, all others go on. */
async function answer(
  session: SieveSession,
  work: () => Promise<string>,
  expected: Partial<Record<FaultCode, [ResponseCode, string]>>,
): Promise<void> {
  try {
    ok(session, await work())
  } catch (error) {
    const known = error instanceof Fault ? expected[error.code] : undefined
    if (!known) throw error
    no(session, known[1], known[0])
  }
}

const NONEXISTENT: [ResponseCode, string] = ['NONEXISTENT', 'There is no script of this name']
const TOO_MANY: [ResponseCode, string] = ['QUOTA/MAXSCRIPTS', `An account may have ${LIMITS.scriptsPerAccount} scripts`]
const TOO_LONG: [ResponseCode, string] = ['QUOTA/MAXSIZE', `A script may have ${LIMITS.scriptBytes} bytes`]

/** RFC 5804 section 2.5. It promises nothing: PUTSCRIPT may still find that another session was faster. */
const havespace: Handler = async (session, args) => {
  const [first, second, ...rest] = args
  if (first?.kind !== 'string' || second?.kind !== 'number' || rest.length > 0)
    throw new BadCommand('HAVESPACE has a name and a number')
  const name = scriptName(first.bytes)
  if (second.value > LIMITS.scriptBytes) return no(session, TOO_LONG[1], TOO_LONG[0])
  const scripts = await storeOf(session).scripts()
  if (scripts.length >= LIMITS.scriptsPerAccount && !scripts.some((script) => script.name === name))
    return no(session, TOO_MANY[1], TOO_MANY[0])
  ok(session, 'There is room')
}

/** Compiles a script and says what is wrong with it; null when something is. */
async function compiled(session: SieveSession, bytes: Buffer): Promise<{ text: string; warnings: string[] } | null> {
  if (bytes.length > LIMITS.scriptBytes) {
    no(session, TOO_LONG[1], TOO_LONG[0])
    return null
  }
  const text = textOf(bytes)
  if (text === null) {
    no(session, 'A script is UTF-8 without NUL')
    return null
  }
  const result = await session.shared.sieve.compile(text)
  if (result.ok) return { text, warnings: result.warnings }
  const lines = result.errors.slice(0, FAULTS_SHOWN).map(({ line, message }) => `line ${line}: ${message}`)
  no(session, lines.join('\r\n'))
  return null
}

const say = (session: SieveSession, text: string, warnings: readonly string[]): void =>
  warnings.length > 0 ? ok(session, warnings.slice(0, FAULTS_SHOWN).join('\r\n'), 'WARNINGS') : ok(session, text)

/** RFC 5804 section 2.6: stored only when it compiles, in place of one that is there and in its state. */
const putscript: Handler = async (session, args) => {
  const [named, bytes] = stringsOf(args, 2)
  if (!named || !bytes) return
  const name = scriptName(named)
  const store = storeOf(session)
  const script = await compiled(session, bytes)
  if (!script) return
  try {
    await store.putScript(name, script.text)
  } catch (error) {
    if (!(error instanceof Fault && error.code === 'LIMIT')) throw error
    return no(session, TOO_MANY[1], TOO_MANY[0])
  }
  say(session, 'Stored', script.warnings)
}

/** RFC 5804 section 2.12: as PUTSCRIPT, and nothing is stored. */
const checkscript: Handler = async (session, args) => {
  const [bytes] = stringsOf(args, 1)
  const script = bytes && (await compiled(session, bytes))
  if (script) say(session, 'It is right', script.warnings)
}

const listscripts: Handler = async (session, args) => {
  noArguments(args)
  const scripts = await storeOf(session).scripts()
  for (const { name, active } of scripts) session.wire.output.text(`${stringOf(name)}${active ? ' ACTIVE' : ''}\r\n`)
  ok(session, `${scripts.length} scripts`)
}

/** RFC 5804 section 2.8: the empty name deactivates. */
const setactive: Handler = async (session, args) => {
  const [named] = stringsOf(args, 1)
  if (!named) return
  const name = named.length === 0 ? null : scriptName(named)
  const work = async () => {
    await storeOf(session).activateScript(name)
    return name === null ? 'No script is active' : 'It is active'
  }
  await answer(session, work, { NOT_FOUND: NONEXISTENT })
}

const getscript: Handler = async (session, args) => {
  const [named] = stringsOf(args, 1)
  if (!named) return
  const name = scriptName(named)
  const work = async () => {
    const bytes = Buffer.from(await storeOf(session).script(name))
    const { output } = session.wire
    output.text(`{${bytes.length}}\r\n`)
    output.bytes(bytes)
    output.text('\r\n')
    return 'That is it'
  }
  await answer(session, work, { NOT_FOUND: NONEXISTENT })
}

/** RFC 5804 section 2.10: the active script stays. */
const deletescript: Handler = async (session, args) => {
  const [named] = stringsOf(args, 1)
  if (!named) return
  const name = scriptName(named)
  const store = storeOf(session)
  const work = async () => {
    try {
      await store.deleteScript(name)
    } catch (error) {
      // A frozen mailbox is FORBIDDEN too: only the active script is answered as such.
      const refused = error instanceof Fault && error.code === 'FORBIDDEN'
      if (!refused || !(await store.scripts()).some((script) => script.active && script.name === name)) throw error
      throw new Fault('CONFLICT', 'Active', { cause: error })
    }
    return 'Deleted'
  }
  await answer(session, work, { NOT_FOUND: NONEXISTENT, CONFLICT: ['ACTIVE', 'The active script cannot be deleted'] })
}

/** RFC 5804 section 2.11.1: the active script stays active under its new name. */
const renamescript: Handler = async (session, args) => {
  const [from, to] = stringsOf(args, 2)
  if (!from || !to) return
  const names = [scriptName(from), scriptName(to)] as const
  const work = async () => {
    await storeOf(session).renameScript(...names)
    return 'Renamed'
  }
  const taken: [ResponseCode, string] = ['ALREADYEXISTS', 'There is a script of the new name']
  await answer(session, work, { NOT_FOUND: NONEXISTENT, CONFLICT: taken })
}

export const SCRIPT_COMMANDS: readonly (readonly [string, Handler])[] = [
  ['HAVESPACE', havespace],
  ['PUTSCRIPT', putscript],
  ['CHECKSCRIPT', checkscript],
  ['LISTSCRIPTS', listscripts],
  ['SETACTIVE', setactive],
  ['GETSCRIPT', getscript],
  ['DELETESCRIPT', deletescript],
  ['RENAMESCRIPT', renamescript],
]
