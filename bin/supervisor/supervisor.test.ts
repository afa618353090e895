import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isAlive, signal } from '#bin/os/process'
import { lockHome } from '#bin/supervisor/lock'
import { metricsText } from '#bin/supervisor/metrics'
import { checkPorts } from '#bin/supervisor/ports'
import { startSupervisor } from '#bin/supervisor/supervisor'
import { watchCluster } from '#bin/supervisor/watch-cluster'
import { DEFAULT_PORTS } from '#lib/env'
import { healthOf, type InstanceState, readInstanceState } from '#lib/settings/instance-state'

const fixtures = join(import.meta.dirname, 'fixtures')
let home: string
const stateFile = () => join(home, 'run', 'state.json')
const read = () => readInstanceState(stateFile())
const pids = (state: InstanceState | undefined): number[] => (state?.roles ?? []).flatMap(({ pid }) => pid ?? [])

function begin(...roles: string[]) {
  return startSupervisor({
    stateFile: stateFile(),
    version: 'test',
    regions: [{ id: 'eu' }],
    roles: roles.map((role) => ({
      role,
      program: process.execPath,
      args: [join(fixtures, 'fake-role.mjs'), `--role=${role}`],
      env: {},
      ports: [],
      logFile: join(home, 'logs', `${role}.log`),
    })),
    clusters: [],
    log: () => undefined,
  })
}

/** A supervisor in a process of its own; resolves once it is ready, with the number of left-over roles it has ended. */
function beginApart(...roles: string[]): Promise<{ child: ChildProcess; left: number }> {
  const child = fork(join(fixtures, 'fake-supervise.ts'), [home, ...roles], { execArgv: [], stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve({ child, left: (message as { left: number }).left }))
    child.once('exit', (code) => reject(new Error(`the supervisor ended with ${code}`)))
  })
}

const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once('exit', resolve))

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mt-supervisor-'))
})
afterEach(() => {
  for (const pid of pids(read())) signal(pid, 'SIGKILL')
  rmSync(home, { recursive: true, force: true })
})

describe('the supervisor', () => {
  it('starts a killed role again and counts it, the others untouched', async () => {
    const supervisor = begin('mx', 'imap')
    await supervisor.allReady(20_000)
    const [mx = 0, imap] = pids(read())
    process.kill(mx, 'SIGKILL')
    await expect.poll(() => read()?.roles[0]?.restarts, { timeout: 10_000 }).toBe(1)
    await supervisor.allReady(20_000)
    const after = read()
    expect(after?.roles[0]?.pid).not.toBe(mx)
    expect(after?.roles[1]).toMatchObject({ pid: imap, restarts: 0, state: 'ready' })
    expect(healthOf(after).ok).toBe(true)
    await supervisor.stop()
  })

  it('stops every role and leaves no state behind', async () => {
    const supervisor = begin('mx', 'imap')
    await supervisor.allReady(20_000)
    const running = pids(read())
    expect(running).toHaveLength(2)
    await supervisor.stop()
    for (const pid of running) expect(isAlive(pid)).toBe(false)
    expect(existsSync(stateFile())).toBe(false)
  })

  it('gives the reason of a role that does not start', async () => {
    const supervisor = begin('mx', 'broken')
    await expect(supervisor.allReady(20_000)).rejects.toThrow('The role broken does not start: The cellar is flooded.')
    await supervisor.stop()
  })

  it('replaces what a killed supervisor left', async () => {
    const first = await beginApart('mx', 'imap')
    expect(first.left).toBe(0)
    const orphans = pids(read())
    const gone = ended(first.child)
    first.child.kill('SIGKILL')
    await gone
    for (const pid of orphans) expect(isAlive(pid)).toBe(true) // they go on serving meanwhile
    const second = await beginApart('mx', 'imap')
    expect(second.left).toBe(2)
    for (const pid of orphans) expect(isAlive(pid)).toBe(false)
    expect(healthOf(read()).ok).toBe(true)
    const over = ended(second.child)
    second.child.kill('SIGTERM')
    expect(await over).toBe(0)
    expect(read()).toBeUndefined()
  })
})

describe('the lock of a home', () => {
  it('refuses a second holder by name and is free after its release', () => {
    const file = join(home, 'run', 'supervisor.lock')
    const release = lockHome(file)
    expect(() => lockHome(file)).toThrow(new RegExp(`process ${process.pid}`))
    release()
    lockHome(file)()
  })

  it('is taken over from a process that was killed', async () => {
    const { child } = await beginApart('mx')
    const file = join(home, 'run', 'supervisor.lock')
    expect(() => lockHome(file)).toThrow(/already runs/)
    const gone = ended(child)
    child.kill('SIGKILL')
    await gone
    lockHome(file)()
  })
})

describe('the watch over a database', () => {
  it('revives a server whose process is gone, and tries again when that fails', async () => {
    let pid = 2 ** 22 + 1 // above every pid of Linux: nobody
    let tries = 0
    const cluster = {
      name: 'main' as const,
      get pid() {
        return pid
      },
      healthy: async () => true,
      revive: async () => {
        if (++tries === 1) throw new Error('not yet')
        pid = process.pid
      },
    }
    const watch = watchCluster(
      cluster,
      () => undefined,
      () => undefined,
    )
    await expect.poll(() => watch.state.state === 'ready' && watch.state.pid, { timeout: 10_000 }).toBe(process.pid)
    expect(tries).toBe(2)
    await watch.stop()
  })
})

describe('health', () => {
  const state = (pid: number): InstanceState => ({
    version: '1',
    supervisor: { pid: 1, startedAt: '' },
    at: '',
    roles: [{ role: 'mx', pid, startedAt: '', state: 'ready', restarts: 0, ports: [] }],
    postgres: [],
    regions: [],
  })
  it('does not believe in a ready role whose process is gone', () => {
    expect(healthOf(state(process.pid)).ok).toBe(true)
    expect(healthOf(state(2 ** 22 + 1))).toMatchObject({ ok: false, roles: { mx: 'down' } })
    expect(healthOf(undefined).ok).toBe(false)
  })
  it('is written as metrics', () => {
    expect(metricsText(state(1))).toMatch(/^mailtight_role_up\{role="mx"\} 1$/m)
  })
})

describe('the check of ports', () => {
  it('names every busy port and the setting that shifts them', async () => {
    const holder = createServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', () => resolve()))
    const address = holder.address()
    const busy = typeof address === 'object' && address ? address.port : 0
    const free = Object.fromEntries(
      Object.keys(DEFAULT_PORTS).map((name) => [name, 0]),
    ) as unknown as typeof DEFAULT_PORTS
    await checkPorts({ bind: '127.0.0.1', ports: free })
    const taken = { ...free, mx: busy }
    await expect(checkPorts({ bind: '127.0.0.1', ports: taken })).rejects.toThrow(
      new RegExp(`Port ${busy} \\(incoming mail\\) is in use.*MAILTIGHT_PORT_OFFSET`),
    )
    await expect(checkPorts({ bind: '192.0.2.1', ports: free })).rejects.toThrow(/BIND is 192.0.2.1/)
    holder.close()
  })
})
