import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { startOf } from '#bin/os/process'
import type { Running } from '#lib/lifecycle'
import type { RoleState } from '#lib/settings/instance-state'

/** How to run one role. */
export interface RolePlan {
  role: string
  program: string
  /** Must hold `--role=<role>`: by that a left-over process is known. */
  args: string[]
  env: Record<string, string>
  ports: number[]
  /** Its standard output and error go here: a file, so that it can still write when the supervisor was killed. */
  logFile: string
}

/** What a role says over its channel. */
export type RoleMessage = { ready: true } | { failed: string }

const isMessage = (value: unknown): value is RoleMessage =>
  typeof value === 'object' && value !== null && ('ready' in value || 'failed' in value)

/** Pauses before a restart. The first is short, since a crash is usually single; the last bounds the load of one that always dies. */
const PAUSES_MS = [100, 300, 1_000, 2_000, 4_000]
/** A role that served this long has recovered: its next death counts as the first. */
const RECOVERED_MS = 20_000
/** As long as a stop may take before it is done by force; a message on its way in is finished in that time. */
export const STOP_MS = 20_000

export interface RoleProcess extends Running {
  readonly state: Readonly<RoleState>
  /** The sentence it left when it last failed to start, if it left one. */
  readonly failure: string | undefined
}

/** Runs a role and starts it again whenever it ends. `onChange` is called at once on every change of state. */
export function keepRole(plan: RolePlan, onChange: () => void): RoleProcess {
  const state: RoleState = {
    role: plan.role,
    pid: null,
    startedAt: null,
    state: 'starting',
    restarts: 0,
    ports: plan.ports,
  }
  let child: ChildProcess | undefined
  let failure: string | undefined
  let failures = 0
  let readyAt = 0
  let timer: NodeJS.Timeout | undefined
  let stopped: Promise<void> | undefined

  const change = (to: Partial<RoleState>) => {
    Object.assign(state, to)
    onChange()
  }

  const ended = () => {
    child = undefined
    if (stopped) return change({ pid: null, startedAt: null, state: 'down' })
    failures = readyAt > 0 && performance.now() - readyAt > RECOVERED_MS ? 0 : failures
    const pauseMs = PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)] ?? 0
    failures++
    readyAt = 0
    change({ pid: null, startedAt: null, state: 'down', restarts: state.restarts + 1 })
    timer = setTimeout(launch, pauseMs)
  }

  const launch = () => {
    mkdirSync(dirname(plan.logFile), { recursive: true, mode: 0o700 })
    const log = openSync(plan.logFile, 'a', 0o600)
    // A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which stops the roles in order.
    const started = spawn(plan.program, plan.args, {
      env: plan.env as unknown as NodeJS.ProcessEnv,
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    })
    closeSync(log)
    child = started
    started.on('message', (message: unknown) => {
      if (!isMessage(message) || child !== started) return
      if ('failed' in message) failure = message.failed
      else {
        readyAt = performance.now()
        failure = undefined
        change({ state: 'ready' })
      }
    })
    let over = false
    const end = () => {
      if (over) return
      over = true
      ended()
    }
    started.on('error', end)
    started.on('exit', end)
    change({
      pid: started.pid ?? null,
      startedAt: started.pid ? (startOf(started.pid) ?? null) : null,
      state: 'starting',
    })
  }

  const stop = async () => {
    clearTimeout(timer)
    const last = child
    if (!last) return change({ state: 'down' })
    change({ state: 'stopping' })
    await new Promise<void>((resolve) => {
      last.once('exit', () => resolve())
      const force = setTimeout(() => last.kill('SIGKILL'), STOP_MS)
      last.once('exit', () => clearTimeout(force))
      last.kill('SIGTERM')
    })
  }

  launch()
  return {
    get state() {
      return state
    },
    get failure() {
      return failure
    },
    stop: () => (stopped ??= stop()),
  }
}
