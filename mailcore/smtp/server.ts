import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection'
import { codeOf } from '#lib/errors'
import type { Running } from '#lib/lifecycle'
import { LIMITS } from '#lib/limits'
import type { Log } from '#lib/log'
import { authByBearer, bearerMechanism } from './bearer'

/** RFC 5321 4.5.3.2.7: at least five minutes for a command, which the longest of its waits for a server is too. */
const IDLE_MS = 5 * 60_000
/** Sessions at one door, all addresses together. */
const SESSIONS_MOST = 10_000
/** NOOP, RSET and EHLO of one session between two messages: a client that keeps a session open sends one a minute. */
const IDLE_COMMANDS = 200
const HANDSHAKE_MS = 15_000
const PROXY_MS = 3_000
/** How long stopping waits for messages that are being stored. */
const STOP_MS = 10_000
/** How often slow senders are looked for, and what "slow" is: under 100 bytes a second after a minute. */
const SWEEP_MS = 15_000
const SLOW_AFTER_MS = 60_000
const SLOW_BYTES_PER_S = 100

/**
 * smtp-server waits 100 ms before its greeting to catch peers that talk first. At 16 sessions of one message each that
 * caps a door at 160 messages a second, so here the greeting follows at once; who talks before it is still refused.
 */
class PromptConnection extends SMTPConnection {
  dataSinceMs = 0

  override init(): void {
    this._setListeners(() => {
      const server = this._server
      if (server.options.maxClients && server.connections.size > server.options.maxClients) {
        this.send(421, '4.7.0 Too many sessions, try again in a moment')
        return
      }
      setImmediate(() => {
        if (!this._closed && !this._closing) this.connectionReady()
      })
    })
  }

  /** Commands that bring no message nearer, since the last one was taken. */
  #idle = 0
  #transactions = 0

  /** True once a session does nothing but keep itself busy (S-05): then it is told so and ends. */
  #isIdling(): boolean {
    if (this.#transactions !== this._transactionCounter) this.#idle = 0
    this.#transactions = this._transactionCounter
    this.#idle++
    if (this.#idle <= IDLE_COMMANDS) return false
    this.send(421, '4.7.0 Too many commands without a message')
    return true
  }

  override handler_NOOP(command: Buffer, callback: () => void): void {
    if (!this.#isIdling()) super.handler_NOOP(command, callback)
  }

  override handler_RSET(command: Buffer, callback: () => void): void {
    if (!this.#isIdling()) super.handler_RSET(command, callback)
  }

  override handler_EHLO(command: Buffer, callback: () => void): void {
    if (!this.#isIdling()) super.handler_EHLO(command, callback)
  }

  /**
   * RFC 3030 is not offered. Whoever sends BDAT all the same has put its bytes right behind, and to read those as commands would be to take orders from
   * a message (S-03): so the session ends.
   */
  handler_BDAT(_command: Buffer, _callback: () => void): void {
    this.send(502, '5.5.1 CHUNKING is not offered here')
    this.close()
  }

  override handler_MAIL(command: Buffer, callback: () => void): void {
    if (!this.#refusesParameters(command, 'MAIL', callback)) super.handler_MAIL(command, callback)
  }

  override handler_RCPT(command: Buffer, callback: () => void): void {
    if (!this.#refusesParameters(command, 'RCPT', callback)) super.handler_RCPT(command, callback)
  }

  /** RFC 5321 4.1.1.11: who asks for what this door does not offer hears so, and does not believe that it was taken on (RFC 8689 would be a promise of TLS). */
  #refusesParameters(command: Buffer, verb: 'MAIL' | 'RCPT', callback: () => void): boolean {
    const known = this._server instanceof PromptServer ? this._server.parameters[verb] : new Set<string>()
    const words = command.toString('latin1').split(':').slice(1).join(':').trim().split(/\s+/).slice(1)
    const unknown = words.some((word) => !known.has(word.split('=', 1)[0]?.toUpperCase() ?? ''))
    if (unknown) {
      this.send(555, '5.5.4 A parameter of this command is not offered here')
      callback()
    }
    return unknown
  }

  override handler_AUTH(command: Buffer, callback: () => void): void {
    const mechanism = bearerMechanism(command)
    // Without TLS, twice, or where it is not offered, smtp-server refuses it as any other.
    const offered =
      mechanism && this.secure && !this.session.user && this._server.options.authMethods?.includes(mechanism)
    if (offered) authByBearer(this, mechanism, command, callback)
    else super.handler_AUTH(command, callback)
  }

  /** Texts that bring their own enhanced status code keep it; the others get smtp-server's (RFC 2034). */
  override send(code: number, data?: string | string[], context?: string | false): void {
    const own = typeof data === 'string' && /^[245]\.\d{1,3}\.\d{1,3} /.test(data)
    const server = this._server
    const greeting = code === 250 && Array.isArray(data) && server instanceof PromptServer
    // RFC 4954 section 4: what is not possible before TLS is not offered, or a client shows its password to whoever listens.
    const offered = greeting
      ? [...data, ...server.features()].filter((line) => this.secure || !/^AUTH /.test(line))
      : data
    super.send(code, offered, own ? false : context)
  }
}

class PromptServer extends SMTPServer {
  /** What EHLO tells besides what the library does. */
  features: () => readonly string[] = () => []
  /** What may stand behind an address, by command. */
  parameters: Record<'MAIL' | 'RCPT', ReadonlySet<string>> = { MAIL: new Set(), RCPT: new Set() }

  /** Before the first byte of SMTP there is a PROXY line or a TLS handshake to wait for: seconds, not the minutes of a session (R-10, S-12). */
  override _acceptSocket(socket: Socket, handshake: boolean): (() => void) | false {
    const release = super._acceptSocket(socket, handshake)
    if (release && (handshake || this._expectsProxyHeader(socket)))
      socket.setTimeout(handshake ? HANDSHAKE_MS : PROXY_MS)
    return release
  }

  override connect(socket: Socket | TLSSocket, socketOptions?: SMTPConnectionOptions | null): void {
    const connection = new PromptConnection(this, socket, socketOptions)
    this.connections.add(connection)
    connection.on('error', (error) => this._onError(error))
    connection.init()
  }
}

export interface Listening extends Running {
  port: number
  /** Ends sessions by id with one last reply, such as 421. */
  end(sessionIds: ReadonlySet<string>, text: string): void
}

export interface ListenOptions {
  host: string
  port: number
  hostname: string
  tls: { key: string | Buffer; cert: string | Buffer }
  log: Log
  server: SMTPServerOptions
  /** EHLO keywords besides those of the library */
  features?: () => readonly string[]
  /** Parameters of MAIL that belong to those keywords */
  mailParameters?: readonly string[]
}

/** Starts one SMTP listener with what every door has in common. Rejects when the port cannot be had. */
export async function listen(options: ListenOptions): Promise<Listening> {
  const server = new PromptServer({
    name: options.hostname,
    banner: 'ready',
    heloResponse: '%s',
    size: LIMITS.messageBytes,
    maxRecipients: LIMITS.recipientsPerMessage,
    maxClients: SESSIONS_MOST,
    socketTimeout: IDLE_MS,
    closeTimeout: STOP_MS,
    // A longer line is nobody's: RFC 5321 4.5.3.1.4 allows 512 bytes, AUTH tokens 12,288 (RFC 4954 section 4).
    maxCommandLength: 16 * 1024,
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: false,
    // smtp-server's own log quotes client lines.
    logger: false,
    key: options.tls.key,
    cert: options.tls.cert,
    minVersion: 'TLSv1.2',
    noDelay: true,
    ...options.server,
    disabledCommands: [
      'VRFY',
      'HELP',
      'WIZ',
      'SHELL',
      'KILL',
      'XCLIENT',
      'XFORWARD',
      ...(options.server.disabledCommands ?? []),
    ],
  })
  server.features = options.features ?? (() => [])
  server.parameters = parametersOf(options)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  // Resets and failed handshakes of peers; unheard, they would end the process.
  server.on('error', (error: unknown) => options.log.info('smtp.connection', { code: codeOf(error) }))
  const sweep = setInterval(() => dropSlow(server), SWEEP_MS)
  sweep.unref()
  let stopped: Promise<void> | undefined
  const address = server.server.address()
  return {
    port: address && typeof address === 'object' ? address.port : options.port,
    end: (ids, text) => {
      for (const connection of server.connections) if (ids.has(connection.session.id)) connection.send(421, text)
    },
    stop: () => (stopped ??= stop(server, sweep)),
  }
}

/** The parameters of the extensions that EHLO names: SIZE (RFC 1870), BODY (6152), SMTPUTF8 (6531), AUTH (4954), DSN (3461), REQUIRETLS (8689). */
function parametersOf({ server, mailParameters = [] }: ListenOptions): PromptServer['parameters'] {
  const dsn = server.hideDSN === false
  const mail = ['SIZE', 'BODY', 'SMTPUTF8', ...mailParameters, ...(dsn ? ['RET', 'ENVID'] : [])]
  if (!server.disabledCommands?.includes('AUTH')) mail.push('AUTH')
  if (server.hideREQUIRETLS === false) mail.push('REQUIRETLS')
  return { MAIL: new Set(mail), RCPT: new Set(dsn ? ['NOTIFY', 'ORCPT'] : []) }
}

function stop(server: SMTPServer, sweep: NodeJS.Timeout): Promise<void> {
  clearInterval(sweep)
  return new Promise((resolve) => {
    server.close(() => resolve())
    // Who is not in the middle of a message need not be waited for (RFC 5321 3.8).
    for (const connection of [...server.connections]) {
      if (!connection._dataStream) connection.send(421, '4.3.2 Service is restarting')
    }
  })
}

/** Closes sessions that drip a message in byte by byte; one timer for all of them. */
function dropSlow(server: SMTPServer): void {
  const nowMs = Date.now()
  for (const connection of server.connections) {
    if (!(connection instanceof PromptConnection)) continue
    const stream = connection._dataStream
    if (!stream || stream.writableEnded) {
      connection.dataSinceMs = 0
      continue
    }
    connection.dataSinceMs ||= nowMs
    const sinceMs = nowMs - connection.dataSinceMs
    if (sinceMs > SLOW_AFTER_MS && stream.byteLength < (sinceMs / 1_000) * SLOW_BYTES_PER_S) {
      connection.send(421, '4.4.2 Message is coming in too slowly')
    }
  }
}
