import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { ensureCluster } from '#bin/postgres/cluster'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The superuser's address on each of the two embedded servers of this run; any database may be made there. */
    adminUrls: { main: string; keys: string }
  }
}

/**
 * Starts one pair of embedded servers for the whole run and stops it at the end. They do not wait for the disk: what these tests
 * show about a power cut they show elsewhere. `MAILTIGHT_TEST_CLUSTERS=<directory>` names a pair to start or reuse
 * and to leave running, which makes a second run faster.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const kept = process.env.MAILTIGHT_TEST_CLUSTERS
  const dir = kept ?? mkdtempSync(join(tmpdir(), 'mt-test-'))
  const say = () => undefined
  const main = await ensureCluster({ dir, name: 'main', log: say, fsync: false })
  const keys = await ensureCluster({ dir, name: 'keys', log: say, fsync: false })
  project.provide('adminUrls', { main: main.adminUrl(), keys: keys.adminUrl() })
  return async () => {
    if (kept) return
    await Promise.all([main.stop(), keys.stop()])
    // Data kept outside the directory (a home that the database's user cannot enter) goes too.
    const outside = dirname(main.dataDir)
    if (existsSync(outside)) rmSync(outside, { recursive: true, force: true })
    rmSync(dir, { recursive: true, force: true })
  }
}
