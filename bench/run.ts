/**
 * `npm run bench [-- --messages 4000 --size 8192 --mailbox 10000]`: mail in and mailbox read, measured on an instance of its own with durable
 * commits. Where the yardstick (Postfix and Dovecot with mail_crypt, SMTP 12525, IMAPS 11993, any user at example.test with the password "pass") is up, the
 * same programs run against it in the same run and the ratio is printed. Absolute figures of a shared machine are not stable; ratios are firmer.
 */
import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { countMessages, type ImapTarget, idleCost, readMailbox } from './imap-load.ts'
import { storm } from './smtp-load.ts'

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '4000' },
    large: { type: 'string', default: '1000' },
    mailbox: { type: 'string', default: '10000' },
    size: { type: 'string', default: '8192' },
    idle: { type: 'string', default: '400' },
    offset: { type: 'string', default: '7000' },
    keep: { type: 'boolean', default: false },
  },
})
const BOXES = 8
const SESSIONS = 16
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const size = Number(values.size)

interface Side {
  name: string
  smtpPort: number
  imapPort: number
  /** Mailboxes that get mail, and one that is read. */
  boxes: { user: string; password: string }[]
  reader: { user: string; password: string }
  /** Is this process, by its name and environment, one that serves IMAP? */
  serves(name: string, environment: string): boolean
}

/** Proportional memory of the processes that serve a side's IMAP, in KB. */
function pssKB(side: Side): number {
  let total = 0
  for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const name = fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
      if (!side.serves(name, fs.readFileSync(`/proc/${pid}/environ`, 'latin1'))) continue
      total += Number(/^Pss:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0)
    } catch {
      // A process that ended meanwhile, or is not ours to look into.
    }
  }
  return total
}

const target = (side: Side, box: { user: string; password: string }): ImapTarget => ({
  host: '127.0.0.1',
  port: side.imapPort,
  ...box,
})

/** Messages a second from the first MAIL to the moment when every message can be read: what "delivered" means to a recipient. */
async function mailIn(side: Side, messages: number, bytes: number): Promise<number> {
  const total = async () =>
    (await Promise.all(side.boxes.map((box) => countMessages(target(side, box))))).reduce((a, b) => a + b, 0)
  const before = await total()
  const begin = performance.now()
  const result = await storm({
    host: '127.0.0.1',
    port: side.smtpPort,
    sender: 'sender@remote.test',
    recipients: side.boxes.map((box) => box.user),
    messages,
    size: bytes,
    sessions: SESSIONS,
  })
  if (result.refused > 0) throw new Error(`${side.name} refused ${result.refused} messages`)
  while ((await total()) - before < messages) await new Promise((resolve) => setTimeout(resolve, 100))
  return messages / ((performance.now() - begin) / 1000)
}

async function measure(side: Side): Promise<Record<string, number>> {
  const out: Record<string, number> = {}
  // First, while the processes hold nothing else: what a heap gives back after heavy work would hide what a session costs.
  const box = side.boxes[0]
  if (box) out['idle session KB'] = await idleCost(target(side, box), Number(values.idle), () => pssKB(side))
  await mailIn(side, 400, size)
  out[`mail in ${size} B per second`] = await mailIn(side, Number(values.messages), size)
  out['mail in 65536 B per second'] = await mailIn(side, Number(values.large), 65_536)
  Object.assign(out, await readMailbox(target(side, side.reader), Number(values.mailbox), size))
  return out
}

const isUp = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })

async function ourSide(home: string, env: NodeJS.ProcessEnv): Promise<Side> {
  const cli = (args: string[], input = '') =>
    execFileSync(path.join(root, 'bin', 'mailtight'), [...args, '--json'], {
      env,
      input,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'inherit'],
    })
  const id = (text: string): string => String(JSON.parse(text).id)
  const reseller = id(cli(['reseller', 'create', '--name', 'Bench']))
  const tenant = id(cli(['tenant', 'create', '--reseller', reseller, '--name', 'Bench', '--region', 'eu']))
  cli(['domain', 'add', '--tenant', tenant, '--name', 'bench.example', '--verified'])
  const password = 'correct-horse-battery-9'
  const make = (user: string) => {
    cli(['account', 'create', user, '--password-stdin', '--tenant', tenant], `${password}\n`)
    return { user, password }
  }
  const boxes = Array.from({ length: BOXES }, (_, i) => make(`user${i + 1}@bench.example`))
  const offset = Number(values.offset)
  fs.writeFileSync(path.join(home, 'bench.json'), JSON.stringify({ tenant }))
  return {
    name: 'MailTight',
    smtpPort: 2525 + offset,
    imapPort: 2993 + offset,
    boxes,
    reader: make('reader@bench.example'),
    serves: (_name, environment) =>
      environment.includes('MAILTIGHT_ROLE=imap\0') && environment.includes(`MAILTIGHT_HOME=${home}\0`),
  }
}

const peerSide = (): Side => ({
  name: 'Postfix + Dovecot mail_crypt',
  smtpPort: 12_525,
  imapPort: 11_993,
  boxes: Array.from({ length: BOXES }, (_, i) => ({ user: `user${i + 1}@example.test`, password: 'pass' })),
  reader: { user: `reader${process.pid}@example.test`, password: 'pass' },
  serves: (name) => /^(dovecot|imap|imap-login|anvil|auth|stats|log|config)$/.test(name),
})

async function withInstance<R>(work: (side: Side) => Promise<R>): Promise<R> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'mailtight-bench-'))
  const env = {
    ...process.env,
    MAILTIGHT_HOME: home,
    MAILTIGHT_PORT_OFFSET: values.offset,
    MAILTIGHT_LIMITS: 'bench',
    SEED_DEMO: '0',
    MAILTIGHT_LOG: 'warn',
  }
  const child = spawn(process.execPath, [path.join(root, 'bin', 'start.mjs')], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  try {
    for (let i = 0; ; i++) {
      const up = await isUp(2993 + Number(values.offset))
      if (up && (await isUp(2525 + Number(values.offset)))) break
      if (i > 1200 || child.exitCode !== null) throw new Error('the instance did not start')
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
    return await work(await ourSide(home, env))
  } finally {
    child.kill('SIGTERM')
    await exited
    if (!values.keep) fs.rmSync(home, { recursive: true, force: true })
  }
}

const higherIsBetter = (name: string): boolean => name.endsWith('per second')

function print(ours: Record<string, number>, peer: Record<string, number> | null): void {
  const row = (cells: string[]) =>
    console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(40) : cell.padStart(14))).join(''))
  row(['measure', 'MailTight', ...(peer ? ['peer', 'ours better by'] : [])])
  for (const [name, value] of Object.entries(ours)) {
    const other = peer?.[name]
    const ratio = other === undefined ? '' : (higherIsBetter(name) ? value / other : other / value).toFixed(2)
    row([
      name,
      value.toFixed(value < 10 ? 2 : 0),
      ...(peer ? [other === undefined ? '' : other.toFixed(other < 10 ? 2 : 0), ratio] : []),
    ])
  }
}

const peerUp = (await isUp(12_525)) && (await isUp(11_993))
const peer = peerUp ? await measure(peerSide()) : null
if (!peer) console.log('The yardstick is not up on 12525 and 11993: no ratios in this run.')
const ours = await withInstance(measure)
print(ours, peer)
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
const report = {
  at: new Date().toISOString(),
  commit,
  machine: {
    cpus: os.cpus().length,
    model: os.cpus()[0]?.model,
    memoryGB: Math.round(os.totalmem() / 2 ** 30),
    node: process.version,
  },
  ours,
  peer,
}
const folder = path.join(root, 'bench', 'results')
fs.mkdirSync(folder, { recursive: true })
const file = path.join(folder, `${report.at.replaceAll(':', '-')}.json`)
fs.writeFileSync(file, `${JSON.stringify(report, null, 1)}\n`)
console.log(`written to ${path.relative(root, file)}`)
