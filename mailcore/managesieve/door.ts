import type { Running } from '#lib/lifecycle'
import type { Log } from '#lib/log'
import { startDoor } from '#mailcore/door/listen'
import { createSignIns } from '#mailcore/door/sign-in'
import type { Directory, MailStores } from '#mailcore/ports'
import { COMMANDS } from './commands'
import { greet } from './greeting'
import { BEFORE_SIGN_IN_MS, type ScriptLanguage, serveManageSieve } from './session'

export interface ManageSieveOptions {
  bind: string
  /** Clear with STARTTLS, as RFC 5804 knows no other; no credentials are taken before it. 0 for any free port. */
  port: number
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

/** The door over any language that can check a script. */
export async function startManageSieveWith(
  sieve: ScriptLanguage,
  options: ManageSieveOptions,
): Promise<Running & { port: number }> {
  const { directory, stores, log, hostname } = options
  // Who may use IMAP may use this: app passwords know no protocol of its own for it.
  const signIns = createSignIns({ directory, stores, protocol: 'imap', log })
  const shared = { signIns, sieve, log, hostname }
  const door = await startDoor({
    name: 'managesieve',
    bind: options.bind,
    ports: [{ port: options.port, mode: 'clear' }],
    tls: options.tls,
    log,
    limits: options.limits,
    silenceMs: BEFORE_SIGN_IN_MS,
    serve: (wire, on) => {
      const session = { shared, door: on, wire, entrance: null, failedSignIns: 0, early: 0, done: false }
      return serveManageSieve(session, COMMANDS, greet)
    },
    refused: 'BYE (TRYLATER) "Too many connections"\r\n',
  })
  return {
    port: door.ports[0] ?? 0,
    stop: async () => {
      signIns.stop()
      await door.stop()
    },
  }
}
