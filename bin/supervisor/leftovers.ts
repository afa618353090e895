import { commandLine, isAlive, signal, waitForEnd } from '#bin/os/process'
import { type InstanceState, readInstanceState } from '#lib/settings/instance-state'

/** A role gets this long to end what it is doing before it is killed. */
const GRACE_MS = 5_000

/**
 * Ends the role processes that a killed supervisor left behind, so that their ports are free for new ones. Only a process that is
 * the recorded one (pid, start, and a command line that says so) is touched. Returns how many there were.
 */
export async function endLeftovers(stateFile: string): Promise<number> {
  const state: InstanceState | undefined = readInstanceState(stateFile)
  const left = (state?.roles ?? []).flatMap((role) => {
    if (role.pid === null || !role.startedAt || !isAlive(role.pid, role.startedAt)) return []
    return commandLine(role.pid).includes(`--role=${role.role}`) ? [{ pid: role.pid, startedAt: role.startedAt }] : []
  })
  await Promise.all(
    left.map(async ({ pid, startedAt }) => {
      signal(pid, 'SIGTERM')
      if (await waitForEnd(pid, startedAt, GRACE_MS)) return
      signal(pid, 'SIGKILL')
      await waitForEnd(pid, startedAt, GRACE_MS)
    }),
  )
  return left.length
}
