import type { CommandContext } from '#bin/cli/command'
import { isAlive } from '#bin/os/process'
import { Fault } from '#lib/errors'
import { healthOf, readInstanceState } from '#lib/settings/instance-state'

/** `mailtight status`: what runs, as the supervisor sees it. Throws a Fault when no supervisor runs. */
export async function run({ settings }: CommandContext): Promise<unknown> {
  const state = readInstanceState(settings.files.state)
  if (!state || !isAlive(state.supervisor.pid, state.supervisor.startedAt)) {
    throw new Fault('UNAVAILABLE', `MailTight does not run in ${settings.home}: start it with npm start.`)
  }
  const health = healthOf(state)
  return {
    supervisor: { pid: state.supervisor.pid },
    roles: state.roles.map(({ role, pid, restarts }) => ({ role, pid, state: health.roles[role] ?? 'down', restarts })),
    postgres: state.postgres.map(({ name, pid, restarts }) => ({
      name,
      pid,
      state: health.databases[name] ?? 'down',
      restarts,
    })),
    regions: state.regions,
    queue: await queueDepth(settings),
    version: state.version,
  }
}
