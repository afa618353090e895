import type { CommandContext } from '#bin/cli/command'
import { isAlive } from '#bin/os/process'
import { Fault } from '#lib/errors'
import { healthOf, readInstanceState } from '#lib/settings/instance-state'

/** Recipients that wait for a remote host, or null while a database is away: the rest of the status is wanted most then. */
async function queueDepth(services: CommandContext['services']): Promise<number | null> {
  try {
    return await (await services()).core.queue.depth()
  } catch {
    return null
  }
}

/** `mailtight status`: what runs, as the supervisor sees it. Throws a Fault when no supervisor runs. */
export async function run({ settings, services }: CommandContext): Promise<unknown> {
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
    queue: await queueDepth(services),
    version: state.version,
  }
}
