import { LIMITS } from '#lib/limits'
import { IMAP_LIMITS } from './limits'
import type { CommandPart, CommandReader, Core } from './types'

/** Guards on what a stranger may send: crashes, endless lines, literals without number. */
export function guardInput(core: Core): void {
  guardCrashes(core)
  guardLiterals(core)
  guardLines(core)
}

/**
 * `a LOGIN NIL NIL`, `a ID (NIL NIL)` and eight more malformed commands threw out of the socket's event handler and
 * ended the process for everybody, two of them before login.
 */
function guardCrashes({ reader }: Core): void {
  const end = reader.end
  reader.end = function (part, done) {
    let called = false
    const once = (error?: Error) => {
      if (called) return
      called = true
      done(error)
    }
    try {
      end.call(this, part, once)
    } catch {
      this.connection._nextHandler = false
      this.connection.send(`${this.tag ?? '*'} BAD Invalid arguments`)
      if (this.countBadResponses()) once()
    }
  }
}

/**
 * imap-core took literals of APPEND up to the largest message before login, and any number of literals in a command
 * (CVE-2024-34055): memory for the asking.
 */
function guardLiterals({ reader }: Core): void {
  const append = reader.append
  const refuse = (command: CommandReader, part: CommandPart, done: (error?: Error) => void) => {
    const tag = /^\S+/.exec(command.first ? part.value : (command.tag ?? ''))?.[0] ?? '*'
    command.connection.send(`${tag} NO [TOOBIG] Literal too large`)
    done(new Error('Literal too large'))
  }
  reader.append = function (part, done) {
    if (part.literal) {
      const { connection } = this
      const bytes = part.expecting ?? 0
      this.literalCount = (this.literalCount ?? 0) + 1
      if (connection.state === 'Not Authenticated' && bytes > IMAP_LIMITS.literalBeforeLoginBytes)
        return refuse(this, part, done)
      const held = this.literals.reduce((sum, literal) => sum + literal.length, 0)
      if (this.literalCount > IMAP_LIMITS.literals || held + bytes > LIMITS.messageBytes + IMAP_LIMITS.lineBytes) {
        connection.send('* BYE Too much literal data in one command')
        setImmediate(() => connection.close(true))
        return
      }
    }
    append.call(this, part, done)
  }
}

/** A line without an end was gathered in memory as long as the sender liked (200 MB in M-04). */
function guardLines({ parser }: Core): void {
  const write = parser._write
  parser._write = function (chunk, encoding, done) {
    if (this.lineLimit && this._remainder.length > this.lineLimit()) {
      this._remainder = ''
      this.onOverlong?.()
      return
    }
    write.call(this, chunk, encoding, done)
  }
}
