import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import postgres from 'postgres'
import { DEFAULT_PORTS, type PortName, type Ports } from '#lib/env'
import { parseDatabaseUrl, withDatabase } from '#lib/settings/database-url'
import { type InstanceState, readInstanceState } from '#lib/settings/instance-state'
import { requestWeb } from '#tests/helpers/web-client'

const ROOT = resolve(import.meta.dirname, '..', '..')
/** The built product; another build of it may be named while one works on it. */
const PROGRAM = process.env.MAILTIGHT_TEST_PROGRAM ?? join(ROOT, 'dist', 'main.mjs')
/** A first start makes keys, a certificate, two clusters and a demo world, with another worker on the other core. */
const READY_MS = 150_000
const STOP_MS = 60_000
const CLI_MS = 60_000
/** Below it the ports of other instances, above it those the system hands out. */
const OFFSETS = { from: 6_000, to: 22_000 }

export interface Login {
  email: string
  password: string
}

/** What demo.json holds. */
export interface Demo {
  operator: Login
  reseller: Login
  domainAdmin: Login
  subscribers: Login[]
  domains: string[]
}

export interface CliResult {
  code: number
  /** Standard output as JSON; undefined when it is none */
  json: unknown
  stderr: string
}

/** One run of the whole product, with a home and ports of its own. */
export interface Instance {
  readonly home: string
  readonly ports: Ports
  /** Throws when it was started without the demo world. */
  demo(): Demo
  /** Runs the operator's command line with `--json`; `input` goes to its standard input. */
  cli(args: readonly string[], input?: string): Promise<CliResult>
  /** The state file of the supervisor, which `status` prints; throws when there is none. */
  state(): InstanceState
  /** The process of a role; throws while it is down. */
  pidOf(role: string): number
  /** Status of /api/health; 0 when nobody answers. */
  health(): Promise<number>
  healthy(withinMs?: number): Promise<void>
  /** Superuser connection to a database of an embedded cluster; the caller ends it. */
  superuser(cluster: 'main' | 'keys', database?: string): postgres.Sql
  readonly supervisorPid: number
  /** kill -9 of the supervisor alone; resolves when it is gone. */
  killSupervisor(): Promise<void>
  /** Starts a supervisor again on the same home; resolves when everything serves. */
  startAgain(): Promise<void>
  /** What the supervisors said, for a failure's message. */
  said(): string
  /** Stops it in order, and removes everything it kept. Twice is allowed. */
  stop(): Promise<void>
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const server = createServer()
    server.once('error', () => done(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => done(true)))
  })

/** An offset whose ports are all free. Chosen at random, so that two workers that look at once do not meet. */
export async function freeOffset(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const offset = OFFSETS.from + Math.floor(Math.random() * (OFFSETS.to - OFFSETS.from))
    const free = await Promise.all(Object.values(DEFAULT_PORTS).map((port) => isFree(port + offset)))
    if (!free.includes(false)) return offset
  }
  throw new Error('No free ports were found for an instance to test.')
}

async function ensureBuilt(): Promise<void> {
  if (existsSync(PROGRAM) && existsSync(join(ROOT, '.next', 'BUILD_ID'))) return
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'build.mjs')], { cwd: ROOT, stdio: 'ignore' })
  const code = await new Promise<number | null>((done) => child.once('exit', done))
  if (code !== 0) throw new Error('The product could not be built: run `npm run build` to see why.')
}

/** The environment of a program under test: nothing of the tests' own settings reaches it. */
function environment(own: Record<string, string>): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'LANG', 'TMPDIR'].flatMap((name) =>
    process.env[name] ? [[name, process.env[name]]] : [],
  )
  return { ...Object.fromEntries(kept), NODE_ENV: 'production', ...own } as NodeJS.ProcessEnv
}

export interface RunResult {
  code: number
  stdout: string
  stderr: string
}

/** Runs the built program to its end. */
export function runProgram(args: readonly string[], env: Record<string, string>, input = ''): Promise<RunResult> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: ROOT, env: environment(env), timeout: CLI_MS })
    const out = { stdout: '', stderr: '' }
    child.stdout.on('data', (chunk: Buffer) => {
      out.stdout += chunk.toString('utf8')
    })
    child.stderr.on('data', (chunk: Buffer) => {
      out.stderr += chunk.toString('utf8')
    })
    child.stdin.on('error', () => undefined) // a command that reads nothing may end before it was written
    child.stdin.end(input)
    child.on('error', reject)
    child.on('close', (code) => done({ code: code ?? -1, ...out }))
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const gone = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((done) => child.once('exit', () => done()))

/** Calls `probe` until it answers with something other than undefined; throws `what` after `withinMs`. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  withinMs = 30_000,
): Promise<T> {
  const end = performance.now() + withinMs
  for (;;) {
    const found = await probe()
    if (found !== undefined) return found
    if (performance.now() > end) throw new Error(`In ${withinMs} ms there was no ${what}.`)
    await new Promise((next) => setTimeout(next, 50))
  }
}

/** Starts the product as an operator would and waits until every role serves. */
export async function startInstance(
  options: { seedDemo?: boolean; env?: Record<string, string> } = {},
): Promise<Instance> {
  await ensureBuilt()
  const home = mkdtempSync(join(tmpdir(), 'mt-i-'))
  const offset = await freeOffset()
  const env = {
    MAILTIGHT_HOME: home,
    MAILTIGHT_PORT_OFFSET: String(offset),
    SEED_DEMO: options.seedDemo ? '1' : '0',
    // No name server: checks of senders find nothing out, at once, and nobody outside is asked.
    DNS_SERVERS: '127.0.0.1:1',
    ...options.env,
  }
  const instance = new RunningInstance(home, offset, env)
  try {
    await instance.startAgain()
  } catch (error) {
    await instance.stop()
    throw error
  }
  return instance
}

class RunningInstance implements Instance {
  readonly home: string
  readonly ports: Ports
  private readonly env: Record<string, string>
  private readonly log: string
  private child: ChildProcess | undefined

  constructor(home: string, offset: number, env: Record<string, string>) {
    this.home = home
    this.env = env
    this.log = `${home}.log`
    this.ports = Object.fromEntries(
      (Object.entries(DEFAULT_PORTS) as [PortName, number][]).map(([name, port]) => [name, port + offset]),
    ) as Record<PortName, number>
  }

  demo(): Demo {
    return JSON.parse(readFileSync(join(this.home, 'demo.json'), 'utf8')) as Demo
  }

  async cli(args: readonly string[], input = ''): Promise<CliResult> {
    const { code, stdout, stderr } = await runProgram([...args, '--json'], this.env, input)
    return { code, json: parse(stdout), stderr }
  }

  state(): InstanceState {
    const state = readInstanceState(join(this.home, 'run', 'state.json'))
    if (!state) throw new Error('The supervisor has left no state.')
    return state
  }

  pidOf(role: string): number {
    const pid = this.state().roles.find((one) => one.role === role)?.pid
    if (!pid) throw new Error(`The role ${role} does not run.`)
    return pid
  }

  async health(): Promise<number> {
    const answer = await requestWeb(this.ports.https, '/api/health').catch(() => undefined)
    return answer?.status ?? 0
  }

  async healthy(withinMs = 60_000): Promise<void> {
    await until(
      'health',
      async () => {
        const ended = this.child === undefined || this.child.exitCode !== null || this.child.signalCode !== null
        if (ended) throw new Error(`The supervisor ended.\n${this.said()}`)
        return (await this.health()) === 200 || undefined
      },
      withinMs,
    ).catch((error: unknown) => {
      throw new Error(`${error instanceof Error ? error.message : error}\n${this.said()}`)
    })
  }

  superuser(cluster: 'main' | 'keys', database = 'postgres'): postgres.Sql {
    const urls = JSON.parse(readFileSync(join(this.home, 'secrets', 'addresses.json'), 'utf8')) as Record<
      string,
      string
    >
    const door = urls[cluster === 'main' ? 'CONTROL_APP_URL' : 'KEYS_APP_URL'] ?? ''
    const { host, port } = parseDatabaseUrl(withDatabase(door, database))
    const password = readFileSync(join(this.home, 'secrets', `postgres-${cluster}.password`), 'utf8').trim()
    return postgres({ host, port, database, username: 'postgres', password, max: 1, onnotice: () => undefined })
  }

  get supervisorPid(): number {
    if (!this.child?.pid) throw new Error('No supervisor runs.')
    return this.child.pid
  }

  async killSupervisor(): Promise<void> {
    this.child?.kill('SIGKILL')
    if (this.child) await gone(this.child)
  }

  async startAgain(): Promise<void> {
    const log = openSync(this.log, 'a')
    this.child = spawn(process.execPath, [PROGRAM, 'supervise'], {
      cwd: ROOT,
      env: environment(this.env),
      stdio: ['ignore', log, log],
    })
    closeSync(log)
    // What an earlier supervisor left may still answer that all is well: wait for this one's own word first.
    const { pid } = this.child
    await until(
      'word of the new supervisor',
      () => {
        const ended = this.child?.exitCode !== null
        return ended || readInstanceState(join(this.home, 'run', 'state.json'))?.supervisor.pid === pid || undefined
      },
      READY_MS,
    )
    await this.healthy(READY_MS)
  }

  said(): string {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8').slice(-2_000) : ''
  }

  async stop(): Promise<void> {
    const child = this.child
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
      await gone(child)
      clearTimeout(late)
    }
    // Where the database's user cannot enter the home, its data lies elsewhere behind a link.
    const data = join(this.home, 'postgres')
    if (existsSync(data)) rmSync(realpathSync(data), { recursive: true, force: true })
    rmSync(this.home, { recursive: true, force: true })
    rmSync(this.log, { force: true })
  }
}
