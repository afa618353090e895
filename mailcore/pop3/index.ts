import type { Running } from '#lib/lifecycle'
import type { Log } from '#lib/log'
import { startDoor } from '#mailcore/door/listen'
import { createSignIns } from '#mailcore/door/sign-in'
import type { Directory, MailStores } from '#mailcore/ports'
import { AUTHORIZATION } from './authorization'
import { createMaildropLocks } from './locks'
import { BEFORE_SIGN_IN_MS, servePop3 } from './session'
import { TRANSACTION } from './transaction'

export interface Pop3Options {
  bind: string
  /** `clear` offers STLS and takes no password before it; `tls` is TLS from the first byte (RFC 8314). 0 for any free port. */
  ports: { clear: number; tls: number }
  /** PEM */
  tls: { key: string; cert: string }
  directory: Directory
  stores: MailStores
  log: Log
  /** Said in the greeting. */
  hostname: string
  /** `bench` lifts the limits per address for 127.0.0.0/8 on a loopback `bind`. */
  limits: 'normal' | 'bench'
}

/** Serves POP3 (RFC 1939; 2449, 2595, 3206, 5034, 6856) and resolves once it listens, with the ports it was given. */
export async function startPop3(options: Pop3Options): Promise<Running & { ports: { clear: number; tls: number } }> {
  const { directory, stores, log, hostname } = options
  const signIns = createSignIns({ directory, stores, protocol: 'pop3', log })
  const shared = { signIns, locks: createMaildropLocks(), log, hostname }
  const commands = { authorization: AUTHORIZATION, transaction: TRANSACTION }
  const door = await startDoor({
    name: 'pop3',
    bind: options.bind,
    ports: [
      { port: options.ports.clear, mode: 'clear' },
      { port: options.ports.tls, mode: 'tls' },
    ],
    tls: options.tls,
    log,
    limits: options.limits,
    silenceMs: BEFORE_SIGN_IN_MS,
    serve: (session, on) => servePop3(session, on, shared, commands),
    refused: '-ERR [SYS/TEMP] Too many connections\r\n',
  })
  const [clear = 0, tls = 0] = door.ports
  return {
    ports: { clear, tls },
    stop: async () => {
      signIns.stop()
      await door.stop()
    },
  }
}
