import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { createServer, type TLSSocket, type Server as TlsServer } from 'node:tls'
import { codeOf } from '#lib/errors'
import type { Running } from '#lib/lifecycle'
import { LIMITS } from '#lib/limits'
import type { Log } from '#lib/log'
import type { Directory, MailStores } from '#mailcore/ports'
import { loadCore } from './core'
import type { Door } from './door'
import { createHandlers } from './handlers'
import { IMAP_LIMITS } from './limits'
import { createNotifier } from './notifier'
import { createPeerLimit } from './peers'
import { createSessions } from './sessions'
import type { Server, Session } from './types'

export interface ImapOptions {
  bind: string
  /** 0 for any free port */
  port: number
  /** PEM */
  tls: { key: string; cert: string }
  directory: Directory
  stores: MailStores
  log: Log
  /** Shown in the greeting. */
  hostname: string
  /** `bench` lifts the limits per address for 127.0.0.0/8 on a loopback `bind`. */
  limits?: 'normal' | 'bench'
}

/** Starts the IMAP door over implicit TLS (RFC 8314) and resolves once it listens. Throws what listening throws. */
export async function startImap(options: ImapOptions): Promise<Running & { port: number }> {
  const core = loadCore()
  const door: Door = {
    directory: options.directory,
    stores: options.stores,
    log: options.log,
    notifier: createNotifier(options.log),
  }
  const server = new core.Server({
    // TLS is ours, see below; `secure` tells imap-core that its sockets are encrypted.
    secure: true,
    secured: true,
    disableSTARTTLS: true,
    logger: { info: () => undefined, debug: () => undefined, error: () => undefined },
    SNICallback: (_name: string, done: (error: null) => void) => done(null),
    id: { name: 'MailTight' },
    name: options.hostname,
    hostname: options.hostname,
    maxMessage: LIMITS.messageBytes,
    socketTimeout: IMAP_LIMITS.idleSocketMs,
    logoutMessages: ['Until next time'],
    skipFetchLog: true,
  })
  const sessions = createSessions(door)
  server.notifier = door.notifier
  server.signIn = sessions.signIn
  Object.assign(server, createHandlers(door))
  server.on('error', (error) => options.log.info('imap.socket-error', { cause: codeOf(error) }))
  admitSessions(server, options, sessions.close)
  const unsubscribe = options.directory.onSignOut(sessions.endAll)

  const tls = createTls(options, server)
  await listen(tls, options)
  const address = tls.address()
  const port = typeof address === 'object' && address ? address.port : options.port
  options.log.info('imap.listening', { port })
  let stopping: Promise<void> | undefined
  return {
    port,
    stop: () => {
      unsubscribe()
      stopping ??= stop(tls, server)
      return stopping
    },
  }
}

/**
 * The TLS listener. imap-core's own has no limit on the handshake (R-10 d), and an error on a socket that its
 * onConnect turned away had no listener and ended the process.
 */
function createTls(options: ImapOptions, server: Server): TlsServer {
  const { key, cert } = options.tls
  const tls = createServer({
    key,
    cert,
    minVersion: 'TLSv1.2',
    handshakeTimeout: IMAP_LIMITS.handshakeTimeMs,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
  })
  tls.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', () => undefined)
    server.connect(socket, { id: randomBytes(9).toString('base64url') })
  })
  tls.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy())
  return tls
}

function admitSessions(server: Server, options: ImapOptions, close: (session: Session) => void): void {
  const loopback = (address: string) => /^127\./.test(address)
  const lifted = (address: string) => options.limits === 'bench' && loopback(options.bind) && loopback(address)
  const peers = createPeerLimit(lifted)
  const admitted = new Map<Session, string>()
  server.onConnect = (session, done) => {
    const address = session.remoteAddress
    if (!peers.enter(address)) return done(new Error('Too many sessions from your address'))
    admitted.set(session, address)
    done()
  }
  server.onClose = (session, done) => {
    const address = admitted.get(session)
    admitted.delete(session)
    if (address !== undefined) peers.leave(address)
    close(session)
    done()
  }
}

const listen = (tls: TlsServer, options: ImapOptions) =>
  new Promise<void>((resolve, reject) => {
    tls.once('error', reject)
    tls.listen({ port: options.port, host: options.bind }, () => {
      tls.off('error', reject)
      tls.on('error', (error) => options.log.error('imap.listener-error', { cause: codeOf(error) }))
      resolve()
    })
  })

/** Says BYE to every session, and cuts those that have not gone after a second. */
async function stop(tls: TlsServer, server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => tls.close(() => resolve()))
  const sockets = [...server.connections].map((connection) => connection._socket)
  for (const connection of [...server.connections]) {
    connection.send('* BYE The server is restarting')
    connection.close()
  }
  const cut = setTimeout(() => {
    for (const socket of sockets) socket.destroy()
  }, IMAP_LIMITS.stopTimeMs)
  await closed
  clearTimeout(cut)
}
