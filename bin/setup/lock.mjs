// One process at a time for a piece of work on this clone. A lock is a directory, which exactly one process can make.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const WAIT_MS = 15 * 60_000

const lives = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Is the lock left over from a process that died? A directory without its pid is given ten seconds to get one. */
function isStale(dir) {
  try {
    return !lives(Number(readFileSync(join(dir, 'pid'), 'utf8')))
  } catch {
    try {
      return Date.now() - statSync(dir).mtimeMs > 10_000
    } catch {
      return false // it has just been given back
    }
  }
}

/** Runs `work` while no other process holds `dir`; says so once when it has to wait. */
export async function withLock(dir, say, work) {
  mkdirSync(dirname(dir), { recursive: true })
  const until = Date.now() + WAIT_MS
  for (let told = false; ; ) {
    try {
      mkdirSync(dir)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (isStale(dir) || Date.now() > until) rmSync(dir, { recursive: true, force: true })
    else {
      if (!told) say('Another start of this clone is preparing it; waiting for it.')
      told = true
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
  try {
    writeFileSync(join(dir, 'pid'), String(process.pid))
    return await work()
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
