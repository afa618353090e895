import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createSecureContext, createServer as createTlsServer, type SecureContext, type TLSSocket } from 'node:tls'
import { codeOf } from '#lib/errors'
import type { Running } from '#lib/lifecycle'
import type { Log } from '#lib/log'
import { createPeerLimit } from './peers'
import { DoorSession } from './session'

/** Time for a TLS handshake (R-10 d, e). */
const HANDSHAKE_MS = 15_000
/** How often silent sessions are looked for: one timer for all, so that a session at rest costs nothing. */
const WATCH_MS = 5_000
/** What a session may still need to take our goodbye when the role stops. */
const STOP_MS = 1_000
/** Half-open, so that a client which says all it has to say and ends (`printf ... | nc`) still gets its answers: we end when it is served. */
const SOCKETS = { keepAlive: true, keepAliveInitialDelay: 60_000, allowHalfOpen: true } as const
/** Connections in one process before the next are turned away. */
const MOST_SESSIONS = 20_000

export interface DoorOptions {
  /** For logs. */
  name: string
  bind: string
  /** 0 for any free port. `clear` offers an upgrade (STARTTLS, STLS). */
  ports: readonly { port: number; mode: 'tls' | 'clear' }[]
  /** PEM */
  tls: { key: string; cert: string }
  log: Log
  /** `bench` lifts the limits per address for 127.0.0.0/8 on a loopback `bind`. */
  limits?: 'normal' | 'bench'
  /** How long a client may be silent before it has signed in. */
  silenceMs: number
  /** Serves one client and resolves when it is done; the door closes the connection then. Said to one turned away: `refused`. */
  serve(session: DoorSession, door: Door): Promise<void>
  refused: string
}

export interface Door {
  /** Goes over to TLS on a session of a clear port. */
  startTls(session: DoorSession): Promise<void>
}

/** Listens on the ports of a protocol and resolves once it does, with the ports in the order given. Throws what listening throws. */
export async function startDoor(options: DoorOptions): Promise<Running & { ports: number[]; sessions: () => number }> {
  const sessions = new Set<DoorSession>()
  const loopback = (address: string) => /^(::ffff:)?127\./.test(address)
  const lifted = (address: string) => options.limits === 'bench' && loopback(options.bind) && loopback(address)
  const peers = createPeerLimit(lifted)
  let context: SecureContext | undefined
  const door: Door = {
    startTls: (session) => {
      context ??= createSecureContext({ ...options.tls, minVersion: 'TLSv1.2' })
      return session.startTls(context, HANDSHAKE_MS)
    },
  }

  const admit = (socket: Socket, secure: boolean): void => {
    socket.on('error', () => socket.destroy())
    if (socket.destroyed) return
    const peer = socket.remoteAddress ?? ''
    if (sessions.size >= MOST_SESSIONS || !peers.enter(peer)) {
      // Not left to the client to close: whoever never does would hold a socket that no limit counts.
      socket.end(options.refused, () => socket.destroy())
      return
    }
    socket.setNoDelay(true)
    const session = new DoorSession(socket, { peer, secure, silenceMs: options.silenceMs })
    sessions.add(session)
    const leave = () => {
      if (!sessions.delete(session)) return
      peers.leave(peer)
    }
    void session.closed.then(leave)
    options
      .serve(session, door)
      .catch((error: unknown) => {
        if (!session.isClosed)
          options.log.error(`${options.name}.session-failed`, { session: session.id, cause: codeOf(error) })
      })
      .finally(() => session.close())
  }

  const servers: Server[] = options.ports.map(({ mode }) => {
    if (mode === 'clear') return createTcpServer(SOCKETS, (socket) => admit(socket, false))
    const tls = createTlsServer({
      ...options.tls,
      minVersion: 'TLSv1.2',
      handshakeTimeout: HANDSHAKE_MS,
      ...SOCKETS,
    })
    tls.on('secureConnection', (socket: TLSSocket) => admit(socket, true))
    tls.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy())
    return tls
  })
  // Connections that are no session yet or no more, such as a TLS handshake that never ends: stopping waits for them too.
  const sockets = new Set<Socket>()
  for (const server of servers) {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
  }
  const ports: number[] = []
  for (const [i, server] of servers.entries()) ports.push(await listen(server, options.ports[i]?.port ?? 0, options))

  const watch = setInterval(() => {
    const now = Date.now()
    for (const session of sessions) {
      if (session.deadlineMs > now) continue
      if (session.ending) session.destroy()
      else session.end('idle')
    }
  }, WATCH_MS)
  watch.unref()

  let stopping: Promise<void> | undefined
  const stop = async () => {
    clearInterval(watch)
    const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())))
    for (const session of sessions) session.end('stopping')
    const cut = setTimeout(() => {
      for (const session of sessions) session.destroy()
      for (const socket of sockets) socket.destroy()
    }, STOP_MS)
    await Promise.all([...closed, ...[...sessions].map((session) => session.closed)])
    clearTimeout(cut)
  }
  return { ports, sessions: () => sessions.size, stop: () => (stopping ??= stop()) }
}

const listen = (server: Server, port: number, options: DoorOptions): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: options.bind }, () => {
      server.off('error', reject)
      server.on('error', (error) => options.log.error(`${options.name}.listener-error`, { cause: codeOf(error) }))
      const address = server.address()
      const given = typeof address === 'object' && address ? address.port : port
      options.log.info(`${options.name}.listening`, { port: given })
      resolve(given)
    })
  })
