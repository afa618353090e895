import { readFileSync } from 'node:fs'

/** `ready`: does its work. `starting`, `stopping`. `down`: died, and is about to be started again. */
export type PartState = 'starting' | 'ready' | 'down' | 'stopping'

export interface RoleState {
  role: string
  /** null while it is down. */
  pid: number | null
  /** Tells this process from a later one of the same number (see bin/os/process). */
  startedAt: string | null
  state: PartState
  restarts: number
  ports: number[]
}

export interface PostgresState {
  name: string
  pid: number
  state: PartState
  restarts: number
}

/** What the supervisor knows, as it writes it to `<home>/run/state.json` at every change. No personal data. */
export interface InstanceState {
  version: string
  supervisor: { pid: number; startedAt: string }
  /** ISO 8601 */
  at: string
  roles: RoleState[]
  /** Embedded servers only; empty with a DATABASE_URL. */
  postgres: PostgresState[]
  regions: { id: string }[]
}

/** The last state written, or undefined when no instance was ever started here or it was stopped cleanly. */
export function readInstanceState(file: string): InstanceState | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as InstanceState
  } catch {
    return undefined
  }
}

const lives = (pid: number | null): boolean => {
  if (pid === null) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

export interface Health {
  ok: boolean
  version: string
  roles: Record<string, PartState>
  databases: Record<string, PartState>
}

/**
 * The health of an instance: ok when every role and embedded server is ready. A process that was killed a moment ago counts as
 * down even before the supervisor has noticed.
 */
export function healthOf(state: InstanceState | undefined): Health {
  if (!state) return { ok: false, version: '', roles: {}, databases: {} }
  const now = (part: { pid: number | null; state: PartState }): PartState =>
    part.state === 'ready' && !lives(part.pid) ? 'down' : part.state
  const roles = Object.fromEntries(state.roles.map((role) => [role.role, now(role)]))
  const databases = Object.fromEntries(state.postgres.map((server) => [server.name, now(server)]))
  const all = [...Object.values(roles), ...Object.values(databases)]
  return { ok: all.length > 0 && all.every((part) => part === 'ready'), version: state.version, roles, databases }
}
