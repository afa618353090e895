import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startOf } from '#bin/os/process'
import { type Cluster, ensureCluster } from '#bin/postgres/cluster'
import { parseDatabaseUrl } from '#lib/settings/database-url'

const said: string[] = []
const ensure = (dir: string) => ensureCluster({ dir, name: 'keys', log: (line) => said.push(line) })

function client(url: string) {
  const { host, port, database, username, password } = parseDatabaseUrl(url)
  return postgres({ host, port, database, username, password, max: 1, onnotice: () => undefined })
}

describe('an embedded cluster', () => {
  let dir: string
  let cluster: Cluster
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'mt-cluster-'))
    cluster = await ensure(dir)
  })
  afterAll(async () => {
    await cluster.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  it('starts, takes its superuser and refuses a wrong password', async () => {
    const sql = client(cluster.adminUrl())
    expect(await sql`select current_setting('server_encoding') as encoding`).toEqual([{ encoding: 'UTF8' }])
    await sql.end()
    const wrong = client(cluster.adminUrl().replace(/postgres:[^@]+@/, 'postgres:wrong@'))
    await expect(wrong`select 1`).rejects.toMatchObject({ code: '28P01' })
    await wrong.end()
  })

  it('listens on its socket only, commits to disk, and logs no values', async () => {
    const sql = client(cluster.adminUrl())
    const names = ['listen_addresses', 'fsync', 'synchronous_commit', 'log_statement', 'log_min_error_statement']
    const rows = await sql<
      { name: string; setting: string }[]
    >`select name, setting from pg_settings where name in ${sql(names)}`
    await sql.end()
    expect(Object.fromEntries(rows.map((row) => [row.name, row.setting]))).toEqual({
      listen_addresses: '',
      fsync: 'on',
      synchronous_commit: 'on',
      log_statement: 'none',
      log_min_error_statement: 'panic',
    })
  })

  it('keeps its password and its socket to itself', () => {
    const { host } = parseDatabaseUrl(cluster.adminUrl())
    expect(statSync(host).mode & 0o777).toBe(0o700)
    expect(statSync(join(dir, 'secrets')).mode & 0o777).toBe(0o700)
    expect(statSync(join(dir, 'secrets', 'postgres-keys.password')).mode & 0o777).toBe(0o600)
    expect(Buffer.byteLength(join(host, '.s.PGSQL.5432'))).toBeLessThan(100)
  })

  it('is adopted while it runs', async () => {
    const again = await ensure(dir)
    expect(again.adopted).toBe(true)
    expect(again.pid).toBe(cluster.pid)
    expect(again.adminUrl('x')).toBe(cluster.adminUrl('x'))
  })

  it('comes back with what was committed after its process was killed', async () => {
    const before = client(cluster.adminUrl())
    await before`create table kept (n int)`
    await before`insert into kept values (42)`
    await before.end()
    const pid = cluster.pid
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => startOf(pid), { timeout: 5_000 }).toBeUndefined()
    expect(await cluster.healthy()).toBe(false)
    await cluster.revive()
    expect(cluster.pid).not.toBe(pid)
    expect(cluster.adopted).toBe(false)
    expect(await cluster.healthy()).toBe(true)
    const after = client(cluster.adminUrl())
    expect(await after`select n from kept`).toEqual([{ n: 42 }])
    await after.end()
  })

  it('stops, twice without complaint, and starts again', async () => {
    await cluster.stop()
    await cluster.stop()
    expect(await cluster.healthy()).toBe(false)
    cluster = await ensure(dir)
    expect(cluster.adopted).toBe(false)
    expect(await cluster.healthy()).toBe(true)
  })
})
