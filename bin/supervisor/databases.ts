import { randomUUID } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Cluster, ensureCluster } from '#bin/postgres/cluster'
import type { ClusterName } from '#bin/postgres/settings'
import { setupDatabases } from '#db/setup'
import type { Settings } from '#lib/env'
import { Fault } from '#lib/errors'

/** Which embedded servers this instance needs: none for what an administrator's address is given for. */
export function neededClusters(settings: Pick<Settings, 'adminUrls'>): ClusterName[] {
  const { control, keys, mail } = settings.adminUrls
  const main = control === undefined || Object.values(mail).some((url) => url === undefined)
  return [...(main ? (['main'] as const) : []), ...(keys === undefined ? (['keys'] as const) : [])]
}

/** Starts or adopts the embedded servers, one after the other; when one fails, those before it are stopped again. */
export async function startClusters(settings: Settings, log: (line: string) => void): Promise<Cluster[]> {
  const started: Cluster[] = []
  try {
    for (const name of neededClusters(settings)) {
      const cluster = await ensureCluster({ dir: settings.home, name, log })
      started.push(cluster)
      log(`The ${name} database ${cluster.adopted ? 'was found running' : 'runs'} (process ${cluster.pid}).`)
    }
  } catch (error) {
    for (const cluster of started) await cluster.stop()
    throw error
  }
  return started
}

/** Creates and migrates every database; returns the login roles' addresses by the name of their setting. */
export function setUp(
  settings: Settings,
  clusters: readonly Cluster[],
  log: (line: string) => void,
): Promise<Record<string, string>> {
  const own = (name: ClusterName): string => {
    const cluster = clusters.find((candidate) => candidate.name === name)
    if (!cluster) throw new Fault('INTERNAL', `The ${name} database is not running.`, { internal: 'no-cluster' })
    return cluster.adminUrl()
  }
  const { control, keys, mail } = settings.adminUrls
  return setupDatabases({
    adminUrls: {
      control: control ?? own('main'),
      keys: keys ?? own('keys'),
      mail: Object.fromEntries(settings.regions.map(({ id }) => [id, mail[id] ?? own('main')])),
    },
    regions: settings.regions,
    prefix: settings.databasePrefix,
    secretsFile: join(settings.files.secrets, 'database-roles.json'),
    log,
  })
}

/** Fails early, and with the home's name, when it cannot be written to. */
export function assertWritable(home: string): void {
  const file = join(home, `.write-${randomUUID()}`)
  try {
    writeFileSync(file, '0123456789'.repeat(1_000))
  } finally {
    rmSync(file, { force: true })
  }
}
