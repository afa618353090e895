import { signal, waitForEnd } from '#bin/os/process'
import { pause } from '#lib/lifecycle'
import type { Instance } from '#tests/helpers/instance'
import { pick } from './message'

/** Something to kill: a role, a database server with all its processes, or one process behind a connection. */
export type Target = { role: string } | { postgres: 'main' | 'keys' } | { backend: 'mail' | 'control' }

export const ROLES = ['mx', 'submission', 'imap', 'deliver', 'worker', 'web'] as const

/** The name under which a kill is counted. */
export const nameOf = (target: Target): string =>
  'role' in target ? target.role : 'postgres' in target ? `postgres ${target.postgres}` : `${target.backend} backend`

export interface Killer {
  /** Kills so far by what was killed */
  readonly kills: ReadonlyMap<string, number>
  stop(): Promise<void>
}

/** Kills one target with SIGKILL; false when it was not there to be killed, as while it starts again. */
export async function killOne(instance: Instance, target: Target): Promise<boolean> {
  const pid = await pidOf(instance, target).catch(() => undefined)
  if (!pid) return false
  signal(pid, 'SIGKILL')
  await waitForEnd(pid, undefined, 5_000)
  return true
}

async function pidOf(instance: Instance, target: Target): Promise<number | undefined> {
  const { roles, postgres } = instance.state()
  if ('role' in target) return roles.find(({ role }) => role === target.role)?.pid ?? undefined
  if ('postgres' in target) return postgres.find(({ name }) => name === target.postgres)?.pid ?? undefined
  const sql = instance.superuser('main')
  try {
    const like = target.backend === 'mail' ? 'mt_mail_%' : 'mt_control%'
    const [row] = await sql<{ pid: number }[]>`
      select pid from pg_stat_activity where backend_type = 'client backend' and datname like ${like} order by random() limit 1`
    return row?.pid
  } finally {
    await sql.end({ timeout: 2 })
  }
}

/** Kills one of the targets after the other, each after a pause drawn from `pauseMs`, until it is stopped. */
export function startKiller(
  instance: Instance,
  options: { targets: readonly Target[]; pauseMs: readonly [number, number]; random: () => number },
): Killer {
  const kills = new Map<string, number>()
  const stopping = new AbortController()
  const [least, most] = options.pauseMs
  const run = async () => {
    for (;;) {
      await pause(least + options.random() * (most - least), stopping.signal)
      if (stopping.signal.aborted) return
      const target = pick(options.targets, options.random)
      if (await killOne(instance, target)) kills.set(nameOf(target), (kills.get(nameOf(target)) ?? 0) + 1)
    }
  }
  const running = run()
  return {
    kills,
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}
