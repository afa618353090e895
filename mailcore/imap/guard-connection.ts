import { capabilitiesOf } from './capabilities'
import { IMAP_LIMITS } from './limits'
import type { Connection, Core } from './types'
import { createWriter } from './writer'

/** Commands that must report the state of the moment (RFC 3501 6.1.2): they ask the store before they answer. */
const CURRENT = new Set(['NOOP', 'CHECK'])

export function guardConnection(core: Core): void {
  guardGreeting(core)
  guardNotifications(core)
}

/**
 * imap-core greets after a reverse DNS look-up of the client, up to a second late, and tells the client its address
 * and a session id. It also lets a stranger sit silent for five minutes, as often as he reconnects.
 */
function guardGreeting({ connection, compile }: Core): void {
  connection.init = function () {
    this._setListeners()
    this.writeStream.unpipe?.(this._socket)
    this.writeStream = createWriter(this._socket, compile)
    this.session.writeStream = this.writeStream
    limitInput(this)
    this.send(`* OK [CAPABILITY ${capabilitiesOf(this)}] ${this._server.options.hostname} ready`)
  }
}

function limitInput(connection: Connection): void {
  const strange = () => connection.state === 'Not Authenticated'
  if (connection._parser) {
    connection._parser.lineLimit = () => (strange() ? IMAP_LIMITS.lineBeforeLoginBytes : IMAP_LIMITS.lineBytes)
    connection._parser.onOverlong = () => {
      connection.send('* BYE Line too long')
      setImmediate(() => connection.close(true))
    }
  }
  const deadline = setTimeout(() => {
    if (!strange()) return
    connection.send('* BYE Sign in sooner')
    setImmediate(() => connection.close(true))
  }, IMAP_LIMITS.loginTimeMs)
  deadline.unref()
  connection._socket.once('close', () => clearTimeout(deadline))
}

/**
 * NOOP told only what a notification had brought already; and SEARCH by sequence number could carry EXPUNGE, which
 * shifts the very numbers it answers with (RFC 3501 7.4.1 forbids it).
 */
function guardNotifications({ reader }: Core): void {
  const sendNotifications = reader.sendNotifications
  reader.sendNotifications = function (handler, done) {
    const { connection } = this
    if (this.command === 'SEARCH') return done()
    if (connection.state !== 'Selected' || !CURRENT.has(this.command ?? '')) {
      return sendNotifications.call(this, handler, done)
    }
    const proceed = () => sendNotifications.call(this, handler, done)
    connection._server.notifier.pull(connection.session).then(proceed, proceed)
  }
}
