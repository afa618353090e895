import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rememberUrls } from '#bin/cli/instance'
import { write } from '#bin/cli/output'
import type { Cluster } from '#bin/postgres/cluster'
import { ROLE_NAMES, ROLES, type RoleName, type RoleSpec, roleEnvironment } from '#bin/roles'
import { assertWritable, setUp, startClusters } from '#bin/supervisor/databases'
import { ensureKeyFiles } from '#bin/supervisor/key-files'
import { endLeftovers } from '#bin/supervisor/leftovers'
import { lockHome } from '#bin/supervisor/lock'
import { serveMetrics } from '#bin/supervisor/metrics'
import { checkPorts } from '#bin/supervisor/ports'
import type { RolePlan } from '#bin/supervisor/role-process'
import { stopSignal } from '#bin/supervisor/stop-signal'
import { startSupervisor } from '#bin/supervisor/supervisor'
import { welcome } from '#bin/supervisor/welcome'
import { ensureCertificate } from '#bin/tls/certificate'
import { readSettings, type Settings } from '#lib/env'
import { Fault } from '#lib/errors'
import type { Running } from '#lib/lifecycle'

/** All roles must serve within this time after a start; a cold disk and two busy cores need some 20 seconds. */
const READY_MS = 120_000
const SEED_MS = 10 * 60_000

/** A step of the start, for the person at the terminal. */
const say = (line: string): void => write(2, `  ${line}\n`)

type Urls = Readonly<Record<string, string>>

/** This program's own file, with which the roles run too. */
const program = (): string[] => [...process.execArgv, process.argv[1] ?? '']

export const versionOf = (root: string): string =>
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version

function planRole(role: RoleName, settings: Settings, urls: Urls): RolePlan {
  const spec: RoleSpec = ROLES[role]
  return {
    role,
    program: process.execPath,
    args: [...(spec.node ?? []), ...program(), 'run', `--role=${role}`],
    env: roleEnvironment(spec, role, { settings, urls, from: process.env }),
    ports: spec.ports.flatMap((name) =>
      name === 'lmtp' && settings.mail.lmtpFrom.length === 0 ? [] : [settings.ports[name]],
    ),
    logFile: join(settings.home, 'logs', `${role}.log`),
  }
}

/** Everything that lies in files before a process is started: keys, certificate. */
async function prepareFiles(settings: Settings): Promise<void> {
  mkdirSync(settings.home, { recursive: true, mode: 0o711 })
  assertWritable(settings.home)
  if (ensureKeyFiles([settings.keyFiles.root, settings.keyFiles.lookup]).length > 0) {
    say(
      `Made the keys of this instance in ${join(settings.home, 'keys')}: keep a copy, nothing can be read without them.`,
    )
  }
  if (!settings.tls.own && !existsSync(settings.tls.certFile)) say('Making a certificate (RSA, 4096 bits) …')
  await ensureCertificate(settings.tls, settings.hostname, new Date())
}

/** Fills a new instance with the demo world, in a process of its own. Its last line of standard error is the reason of a failure. */
function seedDemo(settings: Settings, urls: Urls, stop: AbortSignal): Promise<void> {
  say('Seeding the demo world …')
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...program(), 'seed'], {
      env: roleEnvironment({ ...ROLES.worker }, 'seed', {
        settings,
        urls,
        from: process.env,
      }) as unknown as NodeJS.ProcessEnv,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: SEED_MS,
      signal: stop,
    })
    let output = ''
    child.stderr.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-4_000)
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) return resolve()
      const reason = /mailtight: (.*)/.exec(output)?.[1] ?? `it ended with ${code}`
      reject(new Fault('UNAVAILABLE', `The demo world could not be made: ${reason}`))
    })
  })
}

/** The start up to where the roles serve. Whatever is to be stopped again is pushed on `parts`, in the order of starting. */
async function startAll(settings: Settings, parts: Running[], stop: AbortSignal): Promise<void> {
  const version = versionOf(settings.root)
  const left = await endLeftovers(settings.files.state)
  if (left > 0) say(`Ended ${left} processes that an earlier start had left.`)
  await checkPorts(settings)
  await prepareFiles(settings)
  stop.throwIfAborted()

  say('Starting the databases …')
  const clusters: Cluster[] = await startClusters(settings, say)
  const clustersPart = { stop: async () => void (await Promise.all(clusters.map((cluster) => cluster.stop()))) }
  parts.push(clustersPart)
  stop.throwIfAborted()
  const urls = await setUp(settings, clusters, say)
  rememberUrls(settings, urls)
  stop.throwIfAborted()
  if (settings.seedDemo && !existsSync(settings.files.demo)) await seedDemo(settings, urls, stop)
  stop.throwIfAborted()

  say(`Starting ${ROLE_NAMES.join(', ')} …`)
  const supervisor = startSupervisor({
    stateFile: settings.files.state,
    version,
    regions: settings.regions,
    roles: ROLE_NAMES.map((role) => planRole(role, settings, urls)),
    clusters,
    log: say,
  })
  parts.splice(parts.indexOf(clustersPart), 1, supervisor) // it stops the databases from now on
  parts.push(await serveMetrics(settings.ports.metrics, supervisor.state))
  await Promise.race([supervisor.allReady(READY_MS), whenAborted(stop)])
}

const whenAborted = (stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve()
    stop.addEventListener('abort', () => resolve(), { once: true })
  })

/**
 * `main.mjs supervise`: starts everything, keeps it running until SIGINT or SIGTERM, and stops it in order. Throws a Fault of one
 * sentence when the start fails, after it has stopped again what had started.
 */
export async function supervise(): Promise<void> {
  const began = performance.now()
  const settings = readSettings()
  const stop = stopSignal()
  mkdirSync(settings.home, { recursive: true, mode: 0o711 })
  const release = lockHome(join(settings.home, 'run', 'supervisor.lock'))
  const parts: Running[] = []
  let failure: unknown
  try {
    await startAll(settings, parts, stop)
    if (!stop.aborted) write(1, welcome(settings, performance.now() - began))
    await whenAborted(stop)
  } catch (error) {
    if (!stop.aborted) failure = error
  }
  if (parts.length > 0) say('Stopping …')
  for (const part of parts.reverse()) await part.stop()
  release()
  if (failure !== undefined) throw failure
  say('Stopped.')
  process.exit(0)
}
