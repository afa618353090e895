import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cluster, ensureCluster } from '#bin/postgres/cluster'
import { parseDatabaseUrl } from '#lib/settings/database-url'
import { freeOffset, type Instance, runProgram, startInstance } from '#tests/helpers/instance'
import { arrives, handIn } from '#tests/helpers/mail-client'

const PASSWORD = 'basalt-Harbour-58-kettle'
let dir: string
let cluster: Cluster
let door: { server: Server; port: number; close(): void }
let instance: Instance | undefined

/** An embedded server behind a TCP port of loopback, as someone else's server would be: ours listens on a socket in a closed directory only. */
async function openDoor(socket: string): Promise<typeof door> {
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const behind = connect(socket)
    for (const [one, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      open.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()))
  const close = () => {
    server.close()
    for (const one of open) one.destroy()
  }
  return { server, port: (server.address() as AddressInfo).port, close }
}

const address = (user: string, password: string) => `postgres://${user}:${password}@127.0.0.1:${door.port}/postgres`

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mt-ext-'))
  cluster = await ensureCluster({ dir, name: 'main', log: () => undefined, fsync: false })
  const { host, password } = parseDatabaseUrl(cluster.adminUrl())
  const sql = postgres({ host, port: 5432, database: 'postgres', username: 'postgres', password, max: 1 })
  await sql.unsafe(`create role admin login createdb createrole nosuperuser nobypassrls password '${PASSWORD}'`)
  await sql.end()
  door = await openDoor(join(host, '.s.PGSQL.5432'))
}, 120_000)
afterAll(async () => {
  await instance?.stop()
  door?.close()
  await cluster?.stop()
  const data = join(dir, 'postgres')
  if (existsSync(data)) rmSync(realpathSync(data), { recursive: true, force: true })
  rmSync(dir, { recursive: true, force: true })
}, 90_000)

describe('with DATABASE_URL', () => {
  it('says in one sentence that it is wrong, and ends with 1', async () => {
    const home = mkdtempSync(join(tmpdir(), 'mt-wrong-'))
    const start = async (url: string) =>
      runProgram(['supervise'], {
        MAILTIGHT_HOME: home,
        MAILTIGHT_PORT_OFFSET: String(await freeOffset()),
        DATABASE_URL: url,
      })
    try {
      for (const url of [
        address('admin', 'not-the-password'),
        address('admin', PASSWORD).replace(/:\d+\//, ':1/'),
        'nonsense',
      ]) {
        const { code, stdout, stderr } = await start(url)
        expect({ url, code, stdout }).toEqual({ url, code: 1, stdout: '' })
        const said = stderr.split('\n').filter((line) => line.startsWith('mailtight: '))
        expect({ url, said: said.length, stack: /^\s+at /m.test(stderr) }).toEqual({ url, said: 1, stack: false })
        expect(stderr).not.toContain('not-the-password')
        expect(stderr).not.toContain(PASSWORD)
      }
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  }, 90_000)

  it('lives on another’s server, under an administrator who is no superuser', async () => {
    instance = await startInstance({ env: { DATABASE_URL: address('admin', PASSWORD) } })
    const cli = async (args: string[]) => {
      const { code, json, stderr } = await (instance as Instance).cli(args, `${PASSWORD}\n`)
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
      return json as { id: string }
    }
    expect(await cli(['status'])).toMatchObject({ postgres: [] })
    expect(existsSync(join(instance.home, 'postgres'))).toBe(false)
    const reseller = await cli(['reseller', 'create', '--name', 'Outside'])
    const tenant = await cli(['tenant', 'create', '--reseller', reseller.id, '--name', 'Outside', '--region', 'ca'])
    await cli(['domain', 'add', '--tenant', tenant.id, '--name', 'outside.example', '--verified'])
    const ann = { email: 'ann@outside.example', password: PASSWORD }
    await cli(['account', 'create', ann.email, '--tenant', tenant.id, '--password-stdin'])
    const raw = `From: ida@stranger.example\r\nTo: ${ann.email}\r\nSubject: outside-letter\r\n\r\nHello.\r\n`
    expect((await handIn(instance.ports.mx, { from: 'ida@stranger.example', to: ann.email, raw })).code).toBe(250)
    expect((await arrives(instance, ann, 'outside-letter')).raw.toString()).toContain(raw)
    expect(await cli(['fsck'])).toMatchObject({ ok: true, problems: [] })
    // A second start finds everything as it was.
    await instance.killSupervisor()
    await instance.startAgain()
    expect((await arrives(instance, ann, 'outside-letter')).raw.toString()).toContain(raw)
  }, 240_000)
})
