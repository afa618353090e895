import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { mayEnter, type OsUser, privateDirectory } from '#bin/postgres/os-user'
import { Fault } from '#lib/errors'

/** A socket's address holds 108 bytes on Linux, 104 on macOS, with "/.s.PGSQL.5432" at its end. */
const SOCKET_DIR_BYTES = 85

/** A short name for an instance, the same at every start. */
export const hashOf = (home: string): string => createHash('sha256').update(home).digest('hex').slice(0, 10)

/** What an instance's home contains before anything else of it; a directory with one of these is ours to open up. */
const OURS = new Set(['keys', 'secrets', 'tls', 'run', 'postgres', 'logs', 'demo.json', 'instance.json'])

/** Lets others pass through (not read) the home itself, when it is ours and nothing above it is closed: `mktemp -d` makes 0700. */
function openHome(home: string, user: OsUser): void {
  if (mayEnter(user, home) || !mayEnter(user, dirname(home))) return
  const mine = readdirSync(home).every((name) => OURS.has(name))
  if (mine && statSync(home).uid === process.getuid?.()) chmodSync(home, 0o711)
}

function elsewhere(home: string): string {
  const name = `mailtight-${hashOf(home)}`
  for (const parent of ['/var/lib', '/tmp']) {
    const path = join(parent, name)
    try {
      mkdirSync(path, { mode: 0o711 })
    } catch {
      const found = lstatSync(path, { throwIfNoEntry: false })
      // In /tmp anyone may have made it first: a link, or another user's directory, is not used.
      if (!found?.isDirectory() || found.uid !== process.getuid?.()) continue
    }
    chmodSync(path, 0o711)
    return path
  }
  throw new Fault(
    'FORBIDDEN',
    `The database's user cannot reach ${home}, and neither /var/lib nor /tmp can be written to: start with MAILTIGHT_HOME set to a directory that every user may enter.`,
  )
}

/**
 * The directory for the clusters' data: `<home>/postgres`, or, when the database's user cannot enter that (a home under /root),
 * a directory of its own to which `<home>/postgres` is then a link. Its mode is 0711; each cluster below is 0700.
 */
export function dataRoot(home: string, user: OsUser, log: (line: string) => void): string {
  const usual = join(home, 'postgres')
  const existing = lstatSync(usual, { throwIfNoEntry: false })
  if (existing?.isSymbolicLink() && existsSync(usual)) return realpathSync(usual)
  if (user.switch) openHome(home, user)
  if (!user.switch || mayEnter(user, home)) {
    if (existing?.isSymbolicLink()) rmSync(usual)
    mkdirSync(usual, { recursive: true, mode: 0o711 })
    if (user.switch) chmodSync(usual, 0o711)
    return realpathSync(usual)
  }
  if (existing?.isDirectory() && readdirSync(usual).length > 0) {
    throw new Fault(
      'FORBIDDEN',
      `The database's user ${user.name} cannot enter ${home} any more: allow it with chmod o+x on that directory and those above it.`,
    )
  }
  const place = elsewhere(home)
  log(`The database's user ${user.name} cannot enter ${home}; the database's files are kept in ${place}.`)
  rmSync(usual, { recursive: true, force: true })
  symlinkSync(place, usual)
  return place
}

/** The directory of a cluster's socket: beside its data, or below /tmp where that path would be too long for a socket. */
export function socketDirectory(root: string, name: string, user: OsUser): string {
  const near = join(root, `${name}.socket`)
  const path = Buffer.byteLength(near) <= SOCKET_DIR_BYTES ? near : join('/tmp', `mt-${hashOf(root)}-${name}`)
  privateDirectory(user, path)
  const found = lstatSync(path)
  if (!found.isDirectory() || found.uid !== user.uid) {
    throw new Fault('FORBIDDEN', `The directory ${path} for the database's socket belongs to someone else: remove it.`)
  }
  chmodSync(path, 0o700)
  return path
}
