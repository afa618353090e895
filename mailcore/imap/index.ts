import { type Running, stopAll } from '#lib/lifecycle'
import type { Log } from '#lib/log'
import { startDoor } from '#mailcore/door/listen'
import { createSignIns } from '#mailcore/door/sign-in'
import type { Directory, MailStores } from '#mailcore/ports'
import { serveClient } from './connection'
import { IMAP_LIMITS } from './limits'

export interface ImapOptions {
  bind: string
  /** Implicit TLS (RFC 8314); 0 for any free port. */
  port: number
  /** A clear port with STARTTLS, where one is wanted. */
  clearPort?: number
  /** PEM */
  tls: { key: string; cert: string }
  directory: Directory
  stores: MailStores
  log: Log
  hostname: string
  /** `bench` lifts the limits per address for 127.0.0.0/8 on a loopback `bind`. */
  limits?: 'normal' | 'bench'
}

/** Starts the IMAP door and resolves once it listens. Throws what listening throws. */
export async function startImap(options: ImapOptions): Promise<Running & { port: number; clearPort: number }> {
  const { directory, stores, log, hostname } = options
  const signIns = createSignIns({ directory, stores, protocol: 'imap', log })
  const clear = options.clearPort === undefined ? [] : [{ port: options.clearPort, mode: 'clear' as const }]
  const door = await startDoor({
    name: 'imap',
    bind: options.bind,
    ports: [{ port: options.port, mode: 'tls' }, ...clear],
    tls: options.tls,
    log,
    limits: options.limits,
    silenceMs: IMAP_LIMITS.loginMs,
    refused: '* BYE [UNAVAILABLE] Too many sessions from your address\r\n',
    serve: (session, { startTls }) => serveClient({ directory, stores, signIns, log, hostname, startTls }, session),
  })
  const [port = 0, clearPort = 0] = door.ports
  return { port, clearPort, ...stopAll([{ stop: async () => signIns.stop() }, door]) }
}
