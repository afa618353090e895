import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isAlive } from '#bin/os/process'
import { findBinaries } from '#bin/postgres/binaries'
import { becomesReady, initialise, livePid, type Place, start, stop } from '#bin/postgres/control'
import { chooseOsUser, privateDirectory } from '#bin/postgres/os-user'
import { ping } from '#bin/postgres/ping'
import { dataRoot, socketDirectory } from '#bin/postgres/place'
import { type ClusterName, writeSettings } from '#bin/postgres/settings'
import { Fault } from '#lib/errors'

/** An embedded PostgreSQL server that runs. */
export interface Cluster {
  readonly name: ClusterName
  /** The postmaster; another one after `revive`. */
  readonly pid: number
  /** Was it found running, rather than started? */
  readonly adopted: boolean
  /** Where its data lies: not always below the home (see bin/postgres/place). */
  readonly dataDir: string
  /** The superuser's address of database `db` (`postgres` when left out), in the form `postgres://user:password@localhost/db?host=/socket/dir&port=5432`. */
  adminUrl(db?: string): string
  /** Does the process live and take logins? */
  healthy(): Promise<boolean>
  /** Starts it again after its process died; returns when it takes logins. */
  revive(): Promise<void>
  /** Fast stop with a checkpoint; by force when that takes over 15 seconds. Stopping twice is allowed. */
  stop(): Promise<void>
}

export interface ClusterOptions {
  /** MAILTIGHT_HOME: its data goes to `<dir>/postgres/<name>`, its superuser's password to `<dir>/secrets`. */
  dir: string
  name: ClusterName
  /** Is told what a person may want to know, a line at a time. */
  log: (line: string) => void
  /** Tests only: false trades durability for speed. */
  fsync?: boolean
}

/** A fresh cluster and its first WAL take about 100 MB; below that a start would only break half-way. */
const LEAST_FREE_BYTES = 200 * 1024 * 1024
const STOP_MS = 15_000
const ADOPT_MS = 60_000

function superuserPassword(home: string, name: string, fresh: boolean): string {
  const dir = join(home, 'secrets')
  const file = join(dir, `postgres-${name}.password`)
  if (existsSync(file)) return readFileSync(file, 'utf8').trim()
  if (!fresh) {
    throw new Fault('UNAVAILABLE', `The password of the ${name} database is missing: bring ${file} back.`)
  }
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  chmodSync(dir, 0o700)
  const password = randomBytes(24).toString('base64url')
  writeFileSync(file, `${password}\n`, { mode: 0o600, flag: 'wx' })
  return password
}

function assertRoom(root: string): void {
  const disk = statfsSync(root)
  if (disk.bavail * disk.bsize < LEAST_FREE_BYTES) {
    throw new Fault('UNAVAILABLE', `The disk is full: the database needs 200 MB free in ${root}.`)
  }
}

async function findPlace({ dir, name, log }: ClusterOptions): Promise<Place> {
  const home = resolve(dir)
  mkdirSync(home, { recursive: true, mode: 0o711 })
  const user = chooseOsUser(log)
  const root = dataRoot(home, user, log)
  assertRoom(root)
  const binaries = await findBinaries(user, () => root, log)
  return { name, dataDir: join(root, name), socketDir: socketDirectory(root, name, user), user, binaries }
}

/**
 * Makes sure that the embedded server `name` of this home runs: creates it, starts it, recovers it after a kill, or adopts the one
 * that already runs. Throws a Fault whose message is one sentence for the person at the terminal.
 */
export async function ensureCluster(options: ClusterOptions): Promise<Cluster> {
  const { name } = options
  const place = await findPlace(options)
  const fresh = !existsSync(join(place.dataDir, 'PG_VERSION'))
  const password = superuserPassword(resolve(options.dir), name, fresh)
  if (fresh) await initialise(place, password)

  const configure = () => {
    privateDirectory(place.user, place.socketDir)
    const file = writeSettings(place.dataDir, { name, socketDir: place.socketDir, fsync: options.fsync ?? true })
    if (place.user.switch) chownSync(file, place.user.uid, place.user.gid)
  }
  const begin = async (): Promise<{ pid: number; adopted: boolean }> => {
    const running = livePid(place)
    if (running !== undefined) {
      if (await becomesReady(place, running, ADOPT_MS)) return { pid: running, adopted: true }
      await stop(place, STOP_MS) // it lives but answers nobody (its socket was deleted): begin anew
    }
    configure()
    return { pid: await start(place), adopted: false }
  }

  let { pid, adopted } = await begin()
  const secret = encodeURIComponent(password)
  return {
    name,
    get pid() {
      return pid
    },
    get adopted() {
      return adopted
    },
    dataDir: place.dataDir,
    adminUrl: (db = 'postgres') =>
      `postgres://postgres:${secret}@localhost/${db}?host=${encodeURIComponent(place.socketDir)}&port=5432`,
    healthy: async () => isAlive(pid) && (await ping(place.socketDir)) === 'ready',
    revive: async () => {
      ;({ pid, adopted } = await begin())
    },
    stop: () => stop(place, STOP_MS),
  }
}
