/**
 * `npm run bench [-- --messages 4000 --size 8192 --mailbox 10000 --out 2000]`: mail in, mailbox read and mail out, measured on an instance of its own with
 * durable commits. Mail out goes into Postfix' smtp-sink, beside a Postfix that relays into the same one, where Debian's postfix is installed. Nothing asks the
 * DNS. Where the yardstick (Postfix and Dovecot with mail_crypt, SMTP 12525, IMAPS 11993, any user at example.test with the password "pass") is up, the
 * same programs run against it in the same run and the ratio is printed. Absolute figures of a shared machine are not stable; ratios are firmer.
 */
import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type ImapTarget, idleCost, openCounter, readMailbox } from './imap-load.ts'
import { isUp, mailOut, SINK_DOMAIN, type Sink, startPostfix, startSink } from './outbound.ts'
import { p99, storm } from './smtp-load.ts'

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '4000' },
    large: { type: 'string', default: '1000' },
    mailbox: { type: 'string', default: '10000' },
    size: { type: 'string', default: '8192' },
    out: { type: 'string', default: '2000' },
    idle: { type: 'string', default: '400' },
    offset: { type: 'string', default: '7000' },
    keep: { type: 'boolean', default: false },
  },
})
const BOXES = 8
const SESSIONS = 16
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const size = Number(values.size)
/** A build that somebody works on is taken as it is. */
const PROGRAM = process.env.MAILTIGHT_TEST_PROGRAM === undefined ? [] : [process.env.MAILTIGHT_TEST_PROGRAM]

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
async function mailIn(side: Side, messages: number, bytes: number): Promise<{ rate: number; p99Ms: number }> {
  const counter = await openCounter(side.boxes.map((box) => target(side, box)))
  const before = await counter.total()
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
  while ((await counter.total()) - before < messages) await new Promise((resolve) => setTimeout(resolve, 20))
  const seconds = (performance.now() - result.begunMs) / 1000
  counter.close()
  return { rate: messages / seconds, p99Ms: p99(result) }
}

async function measure(side: Side): Promise<Record<string, number>> {
  const out: Record<string, number> = {}
  // First, while the processes hold nothing else: what a heap gives back after heavy work would hide what a session costs.
  const box = side.boxes[0]
  if (box) out['idle session KB'] = await idleCost(target(side, box), Number(values.idle), () => pssKB(side))
  await mailIn(side, 400, size)
  for (const [bytes, messages] of [
    [size, Number(values.messages)],
    [65_536, Number(values.large)],
  ] as const) {
    const { rate, p99Ms } = await mailIn(side, messages, bytes)
    out[`mail in ${bytes} B per second`] = rate
    out[`p99 of a 250 at ${bytes} B ms`] = p99Ms
  }
  Object.assign(out, await readMailbox(target(side, side.reader), Number(values.mailbox), size))
  return out
}

const OUT = `mail out ${size} B per second`

/** Mail out by us: fed through submission, by as many people as there are mailboxes. */
const ourMailOut = (side: Side, sink: Sink): Promise<number> =>
  mailOut(sink, {
    host: '127.0.0.1',
    port: 2465 + Number(values.offset),
    sender: side.boxes.map((box) => box.user),
    submission: { password: side.boxes[0]?.password ?? '' },
    recipients: Array.from({ length: BOXES }, (_, i) => `user${i}@${SINK_DOMAIN}`),
    messages: Number(values.out),
    size,
    sessions: SESSIONS,
  })

async function postfixMailOut(sink: Sink): Promise<number | null> {
  const postfix = await startPostfix(sink)
  if (!postfix) return null
  try {
    return await mailOut(sink, {
      host: '127.0.0.1',
      port: postfix.port,
      sender: 'sender@remote.test',
      recipients: Array.from({ length: BOXES }, (_, i) => `user${i}@${SINK_DOMAIN}`),
      messages: Number(values.out),
      size,
      sessions: SESSIONS,
    })
  } finally {
    await postfix.stop()
  }
}

async function ourSide(home: string, env: NodeJS.ProcessEnv): Promise<Side> {
  const cli = (args: string[], input = '') =>
    execFileSync(
      PROGRAM.length > 0 ? process.execPath : path.join(root, 'bin', 'mailtight'),
      [...PROGRAM, ...args, '--json'],
      {
        env,
        input,
        encoding: 'utf8',
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    )
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

async function withInstance<R>(sink: Sink | null, work: (side: Side) => Promise<R>): Promise<R> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'mailtight-bench-'))
  const env = {
    ...process.env,
    MAILTIGHT_HOME: home,
    MAILTIGHT_PORT_OFFSET: values.offset,
    MAILTIGHT_LIMITS: 'bench',
    SEED_DEMO: '0',
    MAILTIGHT_LOG: 'warn',
    // A port on which nothing answers: whoever asks the DNS hears at once that it is away.
    DNS_SERVERS: '127.0.0.1:1',
    MAILTIGHT_ROUTES: sink ? `${SINK_DOMAIN}=127.0.0.1:${sink.port}` : '',
  }
  const start = PROGRAM.length > 0 ? [...PROGRAM, 'supervise'] : [path.join(root, 'bin', 'start.mjs')]
  const child = spawn(process.execPath, start, {
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

const sink = Number(values.out) > 0 ? await startSink() : null
if (!sink) console.log('No smtp-sink: mail out is not measured.')
const peerUp = (await isUp(12_525)) && (await isUp(11_993))
const peer = peerUp ? await measure(peerSide()) : null
if (!peer) console.log('The yardstick is not up on 12525 and 11993: no ratios but for mail out in this run.')
const relayed = sink && (await postfixMailOut(sink))
if (peer && relayed !== null) peer[OUT] = relayed
const ours = await withInstance(sink, async (side) => {
  const out = await measure(side)
  if (sink) out[OUT] = await ourMailOut(side, sink)
  return out
})
await sink?.stop()
print(ours, peer ?? (relayed === null ? null : { [OUT]: relayed }))
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
