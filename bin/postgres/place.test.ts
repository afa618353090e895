import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mayEnter, type OsUser } from '#bin/postgres/os-user'
import { dataRoot, socketDirectory } from '#bin/postgres/place'

const root = process.getuid?.() === 0
/** Nobody in particular, when we are root; ourselves otherwise, where no directory of ours is closed to us. */
const user: OsUser = root
  ? { uid: 65_534, gid: 65_534, name: 'nobody', switch: true }
  : { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1, name: 'me', switch: false }

let top: string
const made: string[] = []
const said: string[] = []
const place = (home: string) => {
  const path = dataRoot(home, user, (line) => said.push(line))
  made.push(path)
  return path
}

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'mt-place-'))
  said.length = 0
})
afterEach(() => {
  for (const path of [...made.splice(0), top]) rmSync(path, { recursive: true, force: true })
})

describe('the place of the clusters’ data', () => {
  it('is below the home where the database’s user can get there', () => {
    chmodSync(top, 0o755)
    const home = join(top, 'home')
    mkdirSync(home)
    expect(place(home)).toBe(realpathSync(join(home, 'postgres')))
    expect(said).toEqual([])
  })

  it('opens a closed home of ours for passing through, and for nothing more', () => {
    chmodSync(top, 0o755)
    const home = join(top, 'home')
    mkdirSync(join(home, 'keys'), { recursive: true })
    chmodSync(home, 0o700)
    expect(mayEnter(user, place(home))).toBe(true)
    expect(statSync(home).mode & 0o777).toBe(root ? 0o711 : 0o700)
  })

  it.skipIf(!root)(
    'is elsewhere, said in one line, where a directory above is closed (a clone under /root; needs root)',
    () => {
      const home = join(top, 'clone', '.mailtight') // `top` is 0700 and not ours to open
      mkdirSync(home, { recursive: true })
      const path = place(home)
      expect(path.startsWith(top)).toBe(false)
      expect(mayEnter(user, path)).toBe(true)
      expect(statSync(path).mode & 0o777).toBe(0o711)
      expect(lstatSync(join(home, 'postgres')).isSymbolicLink()).toBe(true)
      expect(said).toHaveLength(1)
      expect(said[0]).toContain(path)
      expect(place(home)).toBe(path) // the next start finds the same
      expect(said).toHaveLength(1)
      expect(statSync(top).mode & 0o777).toBe(0o700)
    },
  )

  it('has a socket whose path is short, however deep the home lies', () => {
    chmodSync(top, 0o755)
    const home = join(top, 'a-rather-long-name-of-a-directory'.repeat(3))
    mkdirSync(home)
    const path = socketDirectory(place(home), 'main', user)
    made.push(path)
    expect(Buffer.byteLength(join(path, '.s.PGSQL.5432'))).toBeLessThan(100)
    expect(existsSync(path)).toBe(true)
    expect(statSync(path).mode & 0o777).toBe(0o700)
    expect(statSync(path).uid).toBe(user.uid)
  })
})
