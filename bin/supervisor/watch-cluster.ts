import { isAlive } from '#bin/os/process'
import type { Cluster } from '#bin/postgres/cluster'
import { codeOf } from '#lib/errors'
import type { Running } from '#lib/lifecycle'
import type { PostgresState } from '#lib/settings/instance-state'

/** Between two looks at the process. */
const LOOK_MS = 200
/** Between two questions at its socket; that many unanswered ones in a row, though the process lives, mean that it is out of reach. */
const ASK_EVERY = 10
const UNANSWERED_MOST = 5

export interface ClusterWatch extends Running {
  readonly state: Readonly<PostgresState>
}

/** Watches an embedded server and starts it again when it dies or cannot be reached. `stop` ends the watch, not the server. */
export function watchCluster(
  cluster: Pick<Cluster, 'name' | 'pid' | 'healthy' | 'revive'>,
  onChange: () => void,
  log: (line: string) => void,
): ClusterWatch {
  const state: PostgresState = { name: cluster.name, pid: cluster.pid, state: 'ready', restarts: 0 }
  let stopped = false
  let looks = 0
  let unanswered = 0
  let wake: () => void = () => undefined

  const revive = async () => {
    state.state = 'down'
    state.restarts++
    onChange()
    try {
      await cluster.revive()
      Object.assign(state, { pid: cluster.pid, state: 'ready' })
      unanswered = 0
      log(`The ${cluster.name} database had died and runs again.`)
    } catch (error) {
      log(`The ${cluster.name} database does not start (${codeOf(error)}); trying again.`)
    }
    onChange()
  }

  const look = async () => {
    if (!isAlive(cluster.pid)) return revive()
    if (state.state !== 'ready') return revive()
    if (++looks % ASK_EVERY !== 0) return
    unanswered = (await cluster.healthy()) ? 0 : unanswered + 1
    if (unanswered >= UNANSWERED_MOST) await revive()
  }

  const run = async () => {
    while (!stopped) {
      await look()
      if (stopped) return
      await new Promise<void>((resolve) => {
        wake = resolve
        setTimeout(resolve, state.state === 'ready' ? LOOK_MS : 1_000)
      })
    }
  }
  const running = run()
  return {
    get state() {
      return state
    },
    stop: () => {
      stopped = true
      wake()
      return running
    },
  }
}
