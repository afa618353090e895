import { spawn } from 'node:child_process'
import { accessSync, chownSync, constants, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { pause } from '#lib/lifecycle'
import packages from './packages.json'

/** A mail program by the name one types; its Debian package stands in packages.json, which `npm test` installs from. */
export type Program = keyof typeof packages

/** Longer than any session here takes on a busy machine; what takes longer hangs. */
const SESSION_MS = 60_000
const KEPT_BYTES = 200_000

function pathOf(program: Program): string | undefined {
  const directories = ['/usr/bin', '/usr/sbin', ...(process.env.PATH ?? '').split(':')]
  return directories
    .map((directory) => join(directory, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/**
 * Tests that drive other people's mail programs. Where one is missing they are skipped; with CI=1 or MAILTIGHT_PROGRAMS=1 (which `npm
 * test` sets after installing them) they fail with a sentence that says how to install it.
 */
export function describeWith(programs: readonly Program[], title: string, body: () => void): void {
  const missing = programs.filter((program) => !pathOf(program))
  if (missing.length === 0) {
    // biome-ignore lint/correctness/usePlaywrightValidDescribeCallback: this is vitest, and `body` is a function.
    describe(title, body)
  } else if (process.env.CI === '1' || process.env.MAILTIGHT_PROGRAMS === '1') {
    const names = missing.map((program) => packages[program]).join(' ')
    describe(title, () => {
      it('has its program', () => {
        throw new Error(`${missing.join(', ')} is not installed: apt-get install --no-install-recommends ${names}`)
      })
    })
  } else {
    describe.skip(title, body)
  }
}

export interface Ended {
  /** null when a signal ended it */
  code: number | null
  out: string
  err: string
}

export interface Started {
  ended: Promise<Ended>
  kill(signal: NodeJS.Signals): void
}

export interface RunOptions {
  home: string
  env?: Readonly<Record<string, string>>
  input?: string | Buffer
  /** For a program that refuses to work as root: as nobody, then, to whom the home is given. */
  unprivileged?: boolean
  /** How long it may run; a server lasts as long as its test. */
  lastsMs?: number
}

/** uid and gid of nobody: Debian's own number. */
const NOBODY = { uid: 65_534, gid: 65_534 }

function giveToNobody(home: string): typeof NOBODY {
  for (const name of ['', ...readdirSync(home, { recursive: true, encoding: 'utf8' })])
    chownSync(join(home, name), NOBODY.uid, NOBODY.gid)
  return NOBODY
}

/** Starts a program in a home of its own, in UTF-8 and English. Killed when it does not come to an end. */
export function start(
  program: Program,
  args: readonly string[],
  { home, env, input, unprivileged, lastsMs = SESSION_MS }: RunOptions,
): Started {
  const user = unprivileged && process.getuid?.() === 0 ? giveToNobody(home) : {}
  const child = spawn(pathOf(program) ?? program, args, {
    cwd: home,
    env: {
      NODE_ENV: 'test',
      PATH: '/usr/bin:/bin',
      HOME: home,
      LANG: 'C.UTF-8',
      LC_ALL: 'C.UTF-8',
      TERM: 'vt100',
      USER: 'ann',
      ...env,
    },
    ...user,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => {
    out = (out + chunk.toString('latin1')).slice(-KEPT_BYTES)
  })
  child.stderr.on('data', (chunk: Buffer) => {
    err = (err + chunk.toString('latin1')).slice(-KEPT_BYTES)
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const late = setTimeout(() => {
    err += `\n[killed: no end after ${lastsMs} ms]`
    child.kill('SIGKILL')
  }, lastsMs)
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(late)
      resolve({ code, out, err })
    })
  })
  return { ended, kill: (signal) => void child.kill(signal) }
}

/** Runs a program to its end. */
export const run = (program: Program, args: readonly string[], options: RunOptions): Promise<Ended> =>
  start(program, args, options).ended

/** Runs a program to its end, which must be a good one. */
export async function runWell(program: Program, args: readonly string[], options: RunOptions): Promise<Ended> {
  const ended = await run(program, args, options)
  if (ended.code !== 0) throw new Error(`${program} ended with ${ended.code}:\n${ended.out}\n${ended.err}`)
  return ended
}

/** Waits until `holds` is true: a program's last words may still be on their way. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + SESSION_MS; Date.now() < deadline; await pause(20)) if (await holds()) return
  throw new Error(`waited in vain: ${what}`)
}
