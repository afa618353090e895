import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs'

/** Whom the database runs as. PostgreSQL refuses root, so root needs another user; anyone else runs it as themselves. */
export interface OsUser {
  uid: number
  gid: number
  /** For messages only. */
  name: string
  /** Must processes be started as that user (because we are root)? */
  switch: boolean
}

const NOBODY = 65_534

function lookUp(name: string): OsUser | undefined {
  if (!existsSync('/etc/passwd')) return undefined
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [user, , uid, gid] = line.split(':')
    if (user === name && uid && gid && Number(uid) !== 0) {
      return { uid: Number(uid), gid: Number(gid), name, switch: true }
    }
  }
  return undefined
}

/** The existing user `postgres`, else one made with useradd, else the unprivileged uid 65534. Not root: ourselves. */
export function chooseOsUser(log: (line: string) => void): OsUser {
  const uid = process.getuid?.() ?? -1
  if (uid !== 0) return { uid, gid: process.getgid?.() ?? -1, name: `uid ${uid}`, switch: false }
  const existing = lookUp('postgres')
  if (existing) return existing
  const args = ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', 'postgres']
  const made = spawnSync('useradd', [...args, '--shell', '/usr/sbin/nologin'], { stdio: 'ignore' })
  const created = made.status === 0 ? lookUp('postgres') : undefined
  if (created) {
    log('Created the system user postgres: a database server never runs as root.')
    return created
  }
  return { uid: NOBODY, gid: NOBODY, name: `uid ${NOBODY}`, switch: true }
}

/** The uid and gid to give to spawn. */
export const spawnAs = (user: OsUser): { uid?: number; gid?: number } =>
  user.switch ? { uid: user.uid, gid: user.gid } : {}

/** Can `user` enter directory (or run file) `path`? Asked of the kernel, so that access lists and mounts count too. */
export function mayEnter(user: OsUser, path: string): boolean {
  const asked = spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], {
    ...spawnAs(user),
    cwd: '/',
    stdio: 'ignore',
  })
  return asked.status === 0
}

/** Makes a directory of mode 0700 that belongs to `user`. Existing ones are given to the user too. */
export function privateDirectory(user: OsUser, path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  if (user.switch) chownSync(path, user.uid, user.gid)
}
