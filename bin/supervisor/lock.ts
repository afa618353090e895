import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { isAlive, startOf } from '#bin/os/process'
import { Fault } from '#lib/errors'

interface Holder {
  pid: number
  startedAt: string
}

function read(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder
  } catch {
    return undefined
  }
}

const isHeld = (holder: Holder | undefined): holder is Holder =>
  holder !== undefined && isAlive(holder.pid, holder.startedAt)

/** Moves a dead holder's file out of the way; puts it back when another starter was faster and the file is that one's already. */
function clearStale(file: string): void {
  const aside = `${file}.${process.pid}.stale`
  try {
    renameSync(file, aside)
  } catch {
    return // another starter cleared it
  }
  if (isHeld(read(aside))) {
    try {
      linkSync(aside, file)
    } catch {
      // a third one holds it by now; the loop of the caller sees that
    }
  }
  rmSync(aside, { force: true })
}

/**
 * Makes this process the only supervisor of a home. The file holds pid and start of its holder, so that the lock of a killed one, or
 * of a pid that was used again, is taken over. Returns the release. Throws a Fault that names the holder.
 */
export function lockHome(file: string): () => void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const mine: Holder = { pid: process.pid, startedAt: startOf(process.pid) ?? '' }
  const own = `${file}.${process.pid}`
  writeFileSync(own, JSON.stringify(mine), { mode: 0o600 })
  try {
    for (let tries = 0; tries < 20; tries++) {
      try {
        linkSync(own, file) // fails when the name exists: only one can win
        return () => {
          if (read(file)?.pid === process.pid) rmSync(file, { force: true })
        }
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      }
      const holder = read(file)
      if (isHeld(holder)) {
        throw new Fault(
          'CONFLICT',
          `MailTight already runs for this home (process ${holder.pid}): stop it, or set MAILTIGHT_HOME and MAILTIGHT_PORT_OFFSET for a second instance.`,
        )
      }
      clearStale(file)
    }
    throw new Fault('CONFLICT', 'Several starts of MailTight happen at once: try again.')
  } finally {
    rmSync(own, { force: true })
  }
}
