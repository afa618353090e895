import { spawn } from 'node:child_process'
import {
  chownSync,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { commandLine, isAlive, processesIn, signal, waitForEnd } from '#bin/os/process'
import type { Binaries } from '#bin/postgres/binaries'
import { type OsUser, privateDirectory, spawnAs } from '#bin/postgres/os-user'
import { ping } from '#bin/postgres/ping'
import { Fault } from '#lib/errors'

/** One cluster on disk and who runs it. */
export interface Place {
  name: string
  dataDir: string
  socketDir: string
  user: OsUser
  binaries: Binaries
}

/** How long a start may take, crash recovery included: with max_wal_size 4 GB that is under a minute on a slow disk. */
const START_S = 120

interface Ended {
  code: number | null
  output: string
}

/** Runs one of the server's programs as its user. Its output is for us only: it goes into no log. */
function run(place: Pick<Place, 'user'>, program: string, args: string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...spawnAs(place.user),
      cwd: '/',
      env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' } as unknown as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const take = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-8_000)
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('error', reject)
    // `exit`, not `close`: a server that pg_ctl left behind would keep inherited pipes open.
    child.on('exit', (code) => {
      child.stdout.destroy()
      child.stderr.destroy()
      resolve({ code, output })
    })
  })
}

/** What failed, as one sentence. Knows the causes that a person can do something about. */
function explain(place: Pick<Place, 'name' | 'dataDir' | 'user'>, what: string, output: string): Fault {
  const directory = place.dataDir
  if (/No space left on device/i.test(output)) {
    return new Fault('UNAVAILABLE', `The disk is full: the ${place.name} database cannot ${what} in ${directory}.`)
  }
  if (/Permission denied|EACCES/i.test(output)) {
    return new Fault(
      'UNAVAILABLE',
      `Permission denied: the database's user ${place.user.name} cannot ${what} in ${directory}.`,
    )
  }
  if (/could not (map|resize|create|get) .*shared memory|Cannot allocate memory/i.test(output)) {
    return new Fault('UNAVAILABLE', `There is not enough memory for the ${place.name} database to ${what}.`)
  }
  const line = output
    .split('\n')
    .find((text) => /FATAL|PANIC|error:/i.test(text))
    ?.replace(/^.*?(FATAL|PANIC|error):\s*/i, '')
  return new Fault(
    'UNAVAILABLE',
    `The ${place.name} database could not ${what}${line ? ` (${line.trim()})` : ''}; its log is in ${join(directory, 'log')}.`,
  )
}

/** Makes a new cluster, whole or not at all: it is built beside its place and moved there. */
export async function initialise(place: Place, password: string): Promise<void> {
  const half = `${place.dataDir}.new`
  rmSync(half, { recursive: true, force: true })
  privateDirectory(place.user, half)
  // The password's file lies in a directory that only the server's user may enter, and goes as soon as it was read.
  const passwordDir = `${place.dataDir}.pw`
  rmSync(passwordDir, { recursive: true, force: true })
  privateDirectory(place.user, passwordDir)
  const passwordFile = join(passwordDir, 'password')
  try {
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
    if (place.user.switch) chownSync(passwordFile, place.user.uid, place.user.gid)
    const made = await run(place, place.binaries.initdb, [
      `--pgdata=${half}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // Order by code point and Unicode case mapping, the same on every machine and with every libc.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--data-checksums',
      '--no-instructions',
    ])
    if (made.code !== 0) throw explain(place, 'be created', made.output)
    renameSync(half, place.dataDir)
  } finally {
    rmSync(passwordDir, { recursive: true, force: true })
    rmSync(half, { recursive: true, force: true })
  }
}

/** The pid of the server that runs on this data, or undefined. A pid file that names another program's process is stale. */
export function livePid(place: Pick<Place, 'dataDir'>): number | undefined {
  const file = join(place.dataDir, 'postmaster.pid')
  if (!existsSync(file)) return undefined
  let pid: number
  try {
    pid = Number(readFileSync(file, 'utf8').split('\n')[0])
  } catch {
    return undefined // it was just removed by a server that stopped
  }
  if (!isAlive(pid)) return undefined
  const inside = processesIn(realpathSync(place.dataDir))
  if (inside) return inside.includes(pid) ? pid : undefined
  return /postgres/.test(commandLine(pid)) ? pid : undefined
}

/**
 * Clears what a killed server left. Its children end by themselves when they notice; one that does not is killed, since
 * a second server on the same data would destroy it. Only when none is left are the stale lock files removed, which PostgreSQL
 * would take for live while the dead process waits as a zombie.
 */
async function clearRemains(place: Place): Promise<void> {
  if (processesIn(realpathSync(place.dataDir)) === undefined) return // elsewhere PostgreSQL's own check decides
  for (const pid of processesIn(realpathSync(place.dataDir)) ?? []) {
    if (!(await waitForEnd(pid, undefined, 500))) signal(pid, 'SIGKILL')
    await waitForEnd(pid, undefined, 5_000)
  }
  if ((processesIn(realpathSync(place.dataDir)) ?? []).length === 0) {
    rmSync(join(place.dataDir, 'postmaster.pid'), { force: true })
    rmSync(join(place.socketDir, '.s.PGSQL.5432'), { force: true })
    rmSync(join(place.socketDir, '.s.PGSQL.5432.lock'), { force: true })
  }
}

/** The end of the newest log of this server, to find the reason of a failed start in. */
function lastLog(place: Place): string {
  const dir = join(place.dataDir, 'log')
  const names = existsSync(dir) ? readdirSync(dir).map((name) => join(dir, name)) : []
  const newest = names.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0]
  const lines = newest === undefined ? [] : readFileSync(newest, 'utf8').slice(-8_000).split('\n')
  return lines.slice(lines.findLastIndex((line) => line.includes('starting PostgreSQL'))).join('\n')
}

/** Starts the server, through crash recovery when it needs one; returns its pid once it takes connections. */
export async function start(place: Place): Promise<number> {
  await clearRemains(place)
  const startLog = join(place.dataDir, 'start.log')
  rmSync(startLog, { force: true })
  const started = await run(place, place.binaries.pgCtl, [
    'start',
    `--pgdata=${place.dataDir}`,
    `--log=${startLog}`,
    '--wait',
    `--timeout=${START_S}`,
    '--silent',
    '-o',
    `-p 5432`,
  ])
  const pid = livePid(place)
  if (started.code !== 0 || pid === undefined) {
    const log = existsSync(startLog) ? readFileSync(startLog, 'utf8') : ''
    throw explain(place, 'start', `${log}\n${lastLog(place)}\n${started.output}`)
  }
  return pid
}

/** Waits until a server found running takes connections; false when it does not in time or dies. */
export async function becomesReady(place: Place, pid: number, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs
  for (;;) {
    if ((await ping(place.socketDir)) === 'ready') return true
    if (!isAlive(pid) || performance.now() > until) return false
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Ends the server at once but cleanly (fast mode: sessions are cut, a checkpoint is written), by force after `withinMs`. */
export async function stop(place: Place, withinMs: number): Promise<void> {
  const pid = livePid(place)
  if (pid === undefined) return
  signal(pid, 'SIGINT') // fast shutdown, PostgreSQL manual 18.5
  if (await waitForEnd(pid, undefined, withinMs)) return
  signal(pid, 'SIGQUIT') // immediate: recovery at the next start
  if (await waitForEnd(pid, undefined, 5_000)) return
  signal(pid, 'SIGKILL')
  await waitForEnd(pid, undefined, 5_000)
}
