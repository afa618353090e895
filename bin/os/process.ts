import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * What a process is, beyond its number: numbers are used again, so a recorded pid is trusted only together with the
 * moment its process began. A zombie (dead, not yet reaped by an init that is slow or absent) counts as dead.
 */

interface Stat {
  state: string
  startedAt: string
}

/** State and start of a process (Linux /proc/PID/stat fields 3 and 22, elsewhere `ps`); undefined when there is none. */
function stat(pid: number): Stat | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  if (process.platform === 'linux') {
    try {
      const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
      // The name in parentheses may itself hold spaces and parentheses: count from the last one.
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
      return { state: fields[0] ?? '?', startedAt: fields[19] ?? '' }
    } catch {
      return undefined
    }
  }
  try {
    const text = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    const space = text.indexOf(' ')
    return { state: text.slice(0, 1), startedAt: text.slice(space + 1).trim() }
  } catch {
    return undefined
  }
}

/** A token that differs between two processes which bear the same number one after the other, within one boot. */
export function startOf(pid: number): string | undefined {
  const found = stat(pid)
  return found === undefined || found.state === 'Z' || found.state === 'X' ? undefined : found.startedAt
}

/** Does the process live, and is it the one that began at `startedAt` (where that is known)? */
export function isAlive(pid: number, startedAt?: string): boolean {
  const found = startOf(pid)
  return found !== undefined && (startedAt === undefined || startedAt === '' || found === startedAt)
}

/** The command line of a process, its parts joined by spaces; '' when it cannot be read. */
export function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux') {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    }
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}

/** The live processes whose working directory is `dir` (a real path): how a PostgreSQL process is known. Linux only; elsewhere undefined. */
export function processesIn(dir: string): number[] | undefined {
  if (process.platform !== 'linux') return undefined
  const found: number[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      if (readlinkSync(`/proc/${name}/cwd`) === dir && isAlive(Number(name))) found.push(Number(name))
    } catch {
      // gone meanwhile, or not ours to look at
    }
  }
  return found
}

/** Sends a signal; false when there is no such process any more. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

/** Waits until the process is gone; false when it still lives after `withinMs`. */
export async function waitForEnd(pid: number, startedAt: string | undefined, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs
  while (isAlive(pid, startedAt)) {
    if (performance.now() > until) return false
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return true
}
