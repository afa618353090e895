import { LIMITS } from '#lib/limits'
import type { Attribute, Command, CommandDone, Connection, Reply } from '../types'

/** The bytes of a string argument as UTF-8, untrimmed: a password may begin with a space. Null for NIL and lists. */
function argument(attribute: Attribute | undefined): string | null {
  if (!attribute || Array.isArray(attribute) || attribute.value === null || attribute.value === undefined) return null
  const { value } = attribute
  return (Buffer.isBuffer(value) ? value : Buffer.from(String(value), 'latin1')).toString()
}

const BAD: Reply = { response: 'BAD', message: 'Invalid arguments' }

/** LOGIN, RFC 3501 6.2.3. */
export function login(this: Connection, command: Command, done: CommandDone) {
  const username = argument(command.attributes?.[0])
  const password = argument(command.attributes?.[1])
  if (username === null || password === null) return done(null, BAD)
  signIn(this, username, password, done)
}

/** AUTHENTICATE PLAIN, RFC 4616 and 4959 (initial response). */
export function plain(this: Connection, command: Command, done: CommandDone, next: () => void) {
  if (command.command.toUpperCase() !== 'AUTHENTICATE PLAIN') {
    return done(null, { response: 'NO', message: 'Unsupported authentication mechanism' })
  }
  const initial = command.attributes?.[0]
  if (initial !== undefined) {
    const token = argument(initial)
    return token === null ? done(null, BAD) : authenticate(this, token, done)
  }
  this._nextHandler = (line, resume) => {
    this._nextHandler = false
    authenticate(this, line, (error, reply) => {
      done(error, reply)
      resume()
    })
  }
  this.send('+ ')
  next()
}

function authenticate(connection: Connection, token: string, done: CommandDone) {
  if (token.trim() === '*') return done(null, { response: 'BAD', message: 'Authentication cancelled' })
  const [authzid, username, password, ...rest] = Buffer.from(token, 'base64').toString().split('\0')
  if (username === undefined || password === undefined || rest.length > 0) {
    return done(null, { response: 'BAD', message: 'Invalid SASL argument' })
  }
  // Acting for somebody else is not offered; a client that names itself twice means itself.
  if (authzid && authzid !== username) return done(null, refused())
  signIn(connection, username, password, done)
}

const refused = (): Reply => ({ response: 'NO', code: 'AUTHENTICATIONFAILED', message: 'Invalid credentials' })

function signIn(connection: Connection, username: string, password: string, done: CommandDone) {
  const tooLong =
    Buffer.byteLength(username) > LIMITS.addressBytes || Buffer.byteLength(password) > LIMITS.passwordBytes
  if (tooLong || username === '' || password === '') return done(null, refused())
  connection._server.signIn(connection, username, password).then(
    (reply) => done(null, reply),
    () => done(null, { response: 'NO', code: 'UNAVAILABLE', message: 'Please try again in a moment' }),
  )
}
