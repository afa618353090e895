import { codeOf } from '#lib/errors'
import type { Log } from '#lib/log'
import { type Health, healthOf, readInstanceState } from '#lib/settings/instance-state'

/** How long a database may take to answer before it counts as away. */
const PING_MS = 2_000

/**
 * The state of each role and server as the supervisor last wrote it, with a look at the database of our own: a role alone
 * (`--role=web`) has no supervisor's word for the others.
 */
export async function readHealth(stateFile: string, ping: () => Promise<unknown>, log: Log): Promise<Health> {
  const health = healthOf(readInstanceState(stateFile))
  const control = await answers(ping, log)
  return {
    ...health,
    ok: health.ok && control,
    databases: { ...health.databases, control: control ? 'ready' : 'down' },
  }
}

async function answers(ping: () => Promise<unknown>, log: Log): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), PING_MS)
  })
  try {
    await Promise.race([ping(), late])
    return true
  } catch (error) {
    log.warn('health: control database away', { code: codeOf(error) })
    return false
  } finally {
    clearTimeout(timer)
  }
}
