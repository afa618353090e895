import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..', '..')
const PROGRAM = join(ROOT, 'dist', 'main.mjs')
/** Every port an instance opens without an offset; see the contract in README. */
const PORTS = [8443, 8080, 2525, 2587, 2465, 2993, 9464] as const
const FIRST_OFFSET = 4_000
const OFFSET_STEP = 37
const OFFSETS_TRIED = 50
/** A first start makes keys, a certificate, two clusters and a demo world; on two busy cores a minute is usual at worst. */
const READY_MS = 180_000
const STOP_MS = 60_000

/**
 * Playwright's global set-up: starts the product as an operator would, with a home and ports of its own, and stops exactly that process
 * afterwards. `MAILTIGHT_WEB_TEST_HOME` names the home of an instance that runs already, which is then used and left alone.
 */
export default async function startInstance(): Promise<() => Promise<void>> {
  const given = process.env.MAILTIGHT_WEB_TEST_HOME
  if (given) {
    announce(given)
    return async () => undefined
  }
  if (!existsSync(PROGRAM))
    throw new Error('There is no dist/main.mjs: run `npm run build`, or the tests by `npm test`.')
  const home = join(ROOT, '.test-home', `web-${process.pid}`)
  mkdirSync(home, { recursive: true })
  const offset = await freeOffset()
  const log = join(home, 'supervisor.log')
  const child = spawn(process.execPath, [PROGRAM, 'supervise'], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production', MAILTIGHT_HOME: home, MAILTIGHT_PORT_OFFSET: String(offset) },
    stdio: ['ignore', openSync(log, 'a'), openSync(log, 'a')],
  })
  const stop = async () => {
    await end(child)
    rmSync(home, { recursive: true, force: true })
  }
  try {
    await untilReady(child, 8443 + offset, log)
    announce(home)
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}

/** Tells the workers, which inherit our environment, where the instance is. */
function announce(home: string): void {
  process.env.MAILTIGHT_WEB_TEST_DEMO = join(home, 'demo.json')
}

async function freeOffset(): Promise<number> {
  const start = FIRST_OFFSET + (process.pid % 40) * OFFSET_STEP
  for (let i = 0; i < OFFSETS_TRIED; i++) {
    const offset = start + i * OFFSET_STEP
    const free = await Promise.all(PORTS.map((port) => isFree(port + offset)))
    if (!free.includes(false)) return offset
  }
  throw new Error('No free ports were found for an instance to test.')
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const server = createServer()
    server.once('error', () => done(false))
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)))
  })

async function untilReady(child: ChildProcess, port: number, log: string): Promise<void> {
  const until = Date.now() + READY_MS
  while (Date.now() < until) {
    if (child.exitCode !== null || child.signalCode !== null) break
    if ((await healthOf(port)) === 200) return
    await new Promise((next) => setTimeout(next, 250))
  }
  throw new Error(`The product did not become ready.\n${readFileSync(log, 'utf8').slice(-2_000)}`)
}

/** The certificate is self-made, so it is not checked; nothing secret is sent. */
const healthOf = (port: number): Promise<number> =>
  new Promise((done) => {
    const req = request(
      { host: '127.0.0.1', port, path: '/api/health', rejectUnauthorized: false, timeout: 5_000 },
      (res) => {
        res.resume()
        done(res.statusCode ?? 0)
      },
    )
    req.on('timeout', () => req.destroy())
    req.on('error', () => done(0))
    req.end()
  })

/** Ends the supervisor by its own id; it stops everything it started. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((done) => {
    child.once('exit', () => done())
  })
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await gone
  clearTimeout(late)
}
