import { textOf } from '#mailcore/door/sasl'
import { authenticate, starttls, unauthenticate } from './authenticate'
import { capability } from './greeting'
import { SCRIPT_COMMANDS } from './scripts'
import { BadCommand, type Commands, type Handler, ok, stringOf } from './session'
import { noArguments, stringsOf } from './words'

/** RFC 5804 section 2.13: the tag comes back, by which a client finds its place in the stream. */
const noop: Handler = (session, args) => {
  if (args.length === 0) return ok(session, 'Nothing done')
  const [bytes] = stringsOf(args, 1)
  const tag = bytes && textOf(bytes)
  if (tag === undefined || tag === null) throw new BadCommand('A tag is UTF-8')
  session.wire.output.text(`OK (TAG ${stringOf(tag)}) "Nothing done"\r\n`)
}

const logout: Handler = (session, args) => {
  noArguments(args)
  ok(session, 'Goodbye')
  session.done = true
}

const ALWAYS: readonly (readonly [string, Handler])[] = [
  ['CAPABILITY', capability],
  ['NOOP', noop],
  ['LOGOUT', logout],
]

export const COMMANDS: Commands = {
  before: new Map([...ALWAYS, ['STARTTLS', starttls], ['AUTHENTICATE', authenticate]]),
  after: new Map([...ALWAYS, ...SCRIPT_COMMANDS, ['UNAUTHENTICATE', unauthenticate]]),
}
