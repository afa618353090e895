/** Mail out: into Postfix' smtp-sink, by us and by Postfix itself, each fed as fast as it takes mail. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { type StormOptions, storm } from './smtp-load.ts'

/** A domain that no DNS knows; everything for it goes to the sink. */
export const SINK_DOMAIN = 'sink.test'

export interface Sink {
  port: number
  /** Messages taken so far. */
  count(): number
  stop(): Promise<void>
}

const has = (program: string): boolean =>
  ['/usr/sbin', '/usr/bin'].some((folder) => fs.existsSync(path.join(folder, program)))

async function freePort(): Promise<number> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

export const isUp = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })

async function waitFor(port: number, what: string): Promise<void> {
  for (let i = 0; !(await isUp(port)); i++) {
    if (i > 100) throw new Error(`${what} did not start`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await exit
}

/** Starts smtp-sink, which takes and counts mail and keeps none; null where it is not installed (Debian: postfix). */
export async function startSink(): Promise<Sink | null> {
  if (!has('smtp-sink')) return null
  const port = await freePort()
  // As root it insists on another user for itself.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const child = spawn('smtp-sink', ['-c', ...user, `127.0.0.1:${port}`, '1000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
  })
  let count = 0
  child.stdout.on('data', (data: Buffer) => {
    for (const [, number] of data.toString('latin1').matchAll(/mesg=(\d+)/g)) count = Number(number)
  })
  await waitFor(port, 'smtp-sink')
  return { port, count: () => count, stop: () => ended(child) }
}

/** Messages a second from the first MAIL of those that feed it to the moment when the sink has them all: the queue is empty then. */
export async function mailOut(sink: Sink, options: StormOptions): Promise<number> {
  const before = sink.count()
  const result = await storm(options)
  if (result.refused > 0) throw new Error(`${result.refused} messages for the sink were refused`)
  while (sink.count() - before < options.messages) {
    if (performance.now() - result.begunMs > 600_000) throw new Error('the queue did not empty within ten minutes')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return options.messages / ((performance.now() - result.begunMs) / 1000)
}

/** Postfix as a relay into the sink, set for speed: its own queue and fsyncs, no DNS, as many deliveries at a time as it likes. */
export async function startPostfix(sink: Sink): Promise<{ port: number; stop(): Promise<void> } | null> {
  const shipped = '/usr/share/postfix/master.cf.dist'
  if (!has('postfix') || !fs.existsSync(shipped) || process.getuid?.() !== 0) return null
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'mailtight-postfix-'))
  const port = await freePort()
  for (const folder of ['etc', 'spool', 'data']) fs.mkdirSync(path.join(home, folder))
  fs.chmodSync(home, 0o755)
  execFileSync('chown', ['postfix', path.join(home, 'data')])
  fs.writeFileSync(
    path.join(home, 'etc', 'main.cf'),
    `compatibility_level = 3.6
queue_directory = ${home}/spool
data_directory = ${home}/data
maillog_file = ${home}/log
maillog_file_prefixes = ${home}
myhostname = relay.localhost
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
disable_dns_lookups = yes
relayhost = [127.0.0.1]:${sink.port}
smtpd_client_connection_count_limit = 0
in_flow_delay = 0
default_destination_concurrency_limit = 100
initial_destination_concurrency = 20
`,
  )
  const master = fs
    .readFileSync(shipped, 'utf8')
    .replace(/^smtp {6}inet {2}n {7}- {7}[yn]/m, `127.0.0.1:${port} inet n - n`)
    .replace(/^([a-z].* {2}[-y] {2,})y( *)/gm, '$1n$2')
  fs.writeFileSync(path.join(home, 'etc', 'master.cf'), master)
  const control = (command: string) =>
    execFileSync('postfix', ['-c', path.join(home, 'etc'), command], {
      stdio: 'ignore',
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    })
  const stop = async () => {
    control('stop')
    fs.rmSync(home, { recursive: true, force: true })
  }
  control('start')
  try {
    await waitFor(port, 'Postfix')
  } catch (error) {
    await stop().catch(() => undefined)
    throw error
  }
  return { port, stop }
}
