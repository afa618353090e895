import { copyFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { writeWhole } from '#bin/os/files'
import { startOf } from '#bin/os/process'
import type { Cluster } from '#bin/postgres/cluster'
import { keepRole, type RolePlan, type RoleProcess } from '#bin/supervisor/role-process'
import { watchCluster } from '#bin/supervisor/watch-cluster'
import { Fault } from '#lib/errors'
import type { Running } from '#lib/lifecycle'
import type { InstanceState } from '#lib/settings/instance-state'

export interface SupervisorInput {
  stateFile: string
  version: string
  regions: readonly { id: string }[]
  roles: readonly RolePlan[]
  /** Embedded servers that already run. The supervisor watches them, and stops them at its end. */
  clusters: readonly Cluster[]
  log: (line: string) => void
}

export interface Supervisor extends Running {
  state(): InstanceState
  /** Resolves when every role serves. Throws a Fault with the role's own sentence when one fails again and again. */
  allReady(withinMs: number): Promise<void>
}

/** Failed starts of one role, before it ever served, after which the whole start is given up. */
const FAILED_STARTS_MOST = 3
/** A role's log file larger than this is moved aside, once: at most twice this much is kept. */
const LOG_MOST_BYTES = 20 * 1024 * 1024

function rotate(file: string): void {
  try {
    if (statSync(file).size < LOG_MOST_BYTES) return
    // The role keeps appending to the same file, so it is copied and emptied rather than moved.
    copyFileSync(file, `${file}.1`)
    truncateSync(file)
  } catch {
    // no log yet
  }
}

/** Runs the roles over the clusters, starts again whatever dies, and keeps the state file true. */
export function startSupervisor(input: SupervisorInput): Supervisor {
  const { clusters, log } = input
  let live = false
  const state = (): InstanceState => ({
    version: input.version,
    supervisor: { pid: process.pid, startedAt: startOf(process.pid) ?? '' },
    at: new Date().toISOString(),
    roles: roles.map((role) => ({ ...role.state })),
    postgres: watches.map((watch) => ({ ...watch.state })),
    regions: input.regions.map(({ id }) => ({ id })),
  })
  const write = () => {
    if (!live) return
    try {
      writeWhole(input.stateFile, `${JSON.stringify(state())}\n`, 0o644)
    } catch {
      // A full disk must not bring the supervisor down: the next change tries again.
    }
  }

  const watches = clusters.map((cluster) => watchCluster(cluster, write, log))
  const roles: RoleProcess[] = []
  live = true
  for (const plan of input.roles) {
    roles.push(keepRole(plan, write))
    write() // at once, so that a supervisor killed now leaves nothing that its successor does not know of
  }
  const rotation = setInterval(() => input.roles.forEach((plan) => void rotate(plan.logFile)), 60_000)
  rotation.unref()

  let stopped: Promise<void> | undefined
  const stop = async () => {
    clearInterval(rotation)
    // All doors close together; each has its own deadline.
    await Promise.all(roles.map((role) => role.stop()))
    await Promise.all(watches.map((watch) => watch.stop()))
    await Promise.all(clusters.map((cluster) => cluster.stop()))
    live = false
    rmSync(input.stateFile, { force: true })
  }
  return { state, allReady: (withinMs) => allReady(roles, withinMs), stop: () => (stopped ??= stop()) }
}

async function allReady(roles: readonly RoleProcess[], withinMs: number): Promise<void> {
  const until = performance.now() + withinMs
  for (;;) {
    const waiting = roles.filter((role) => role.state.state !== 'ready')
    if (waiting.length === 0) return
    const failing = waiting.find((role) => role.state.restarts >= FAILED_STARTS_MOST)
    if (failing || performance.now() > until) {
      const role = failing ?? waiting[0]
      const reason = role?.failure ?? 'its log says more'
      throw new Fault('UNAVAILABLE', `The role ${role?.state.role} does not start: ${reason.replace(/\.$/, '')}.`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
