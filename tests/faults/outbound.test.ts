import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_PORTS } from '#lib/env'
import { type Instance, startInstance, until } from '#tests/helpers/instance'
import { emptyDns, makePeople } from '#tests/helpers/storm/ground'
import { killOne } from '#tests/helpers/storm/killer'
import type { Person } from '#tests/helpers/storm/mailboxes'
import { smtpSender } from '#tests/helpers/storm/senders'

const DOMAIN = 'far.example'
const SHOTS = 8
/** Messages that three workers share. */
const SHARED = 200
const PROGRAM = process.env.MAILTIGHT_TEST_PROGRAM ?? resolve(import.meta.dirname, '..', '..', 'dist', 'main.mjs')

/** What the far server does with the next messages once it has read the last byte. */
type Manner = (socket: Socket, messageId: string) => void

let instance: Instance
let far: Server
let dns: Awaited<ReturnType<typeof emptyDns>>
let person: Person
let settings: Record<string, string>
let manner: Manner = accept
/** Messages that the far server answered with 250, by Message-ID */
const taken = new Map<string, number>()
/** And those it read to the end at all */
const offered = new Map<string, number>()
const add = (counts: Map<string, number>, id: string) => counts.set(id, (counts.get(id) ?? 0) + 1)

function accept(socket: Socket, id: string): void {
  add(taken, id)
  socket.write('250 2.0.0 taken\r\n')
}

/** A far mail server of few words: no extension but the size. */
function talk(socket: Socket): void {
  let text = ''
  let inData = false
  socket.on('error', () => undefined)
  socket.write('220 far.example ESMTP\r\n')
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    for (;;) {
      const end = inData ? text.indexOf('\r\n.\r\n') : text.indexOf('\r\n')
      if (end < 0) return
      const part = text.slice(0, end)
      text = text.slice(end + (inData ? 5 : 2))
      if (inData) {
        inData = false
        const id = /^Message-ID: <([^>]+)>/im.exec(part)?.[1] ?? 'none'
        add(offered, id)
        manner(socket, id)
      } else if (/^DATA$/i.test(part)) {
        inData = true
        socket.write('354 go on\r\n')
      } else if (/^QUIT$/i.test(part)) socket.end('221 bye\r\n')
      else socket.write('250 2.0.0 well\r\n')
    }
  })
}

/** Hands messages in at submission, addressed to the far server. */
async function send(count = 1): Promise<void> {
  const sender = smtpSender({ port: instance.ports.submissions, login: person })
  const raw = `From: <${person.email}>\r\nTo: <bob@${DOMAIN}>\r\nSubject: shot\r\n\r\nbang\r\n`
  for (let n = 0; n < count; n++) {
    const { codes } = await sender.hand({ from: person.email, to: [`bob@${DOMAIN}`], raw: `X-Number: ${n}\r\n${raw}` })
    expect(codes).toEqual([250])
  }
  sender.close()
}

/** One more deliver process beside the instance's own, with the settings of that role. */
function anotherWorker(): ChildProcess {
  const urls = JSON.parse(readFileSync(join(instance.home, 'secrets', 'addresses.json'), 'utf8')) as Record<
    string,
    string
  >
  const env = {
    ...urls,
    ...settings,
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    MAILTIGHT_LOG: 'off',
    MAILTIGHT_HOME: instance.home,
    MAILTIGHT_PORT_OFFSET: String(instance.ports.mx - DEFAULT_PORTS.mx),
  }
  return spawn(process.execPath, [PROGRAM, 'run', '--role=deliver'], { env: env as NodeJS.ProcessEnv, stdio: 'ignore' })
}

/** What waits is due now: the leases of a dead worker, retries, and the pause of a host that hung up would take minutes. */
async function becomeDue(): Promise<void> {
  const sql = instance.superuser('main', 'mt_mail_eu')
  await sql`update outbound_recipient set due_at = now()`
  await sql`update destination set paused_until = null, failures = 0`
  await sql`select pg_notify('outbound', '')`
  await sql.end()
}

const waiting = async (): Promise<number> => {
  const sql = instance.superuser('main', 'mt_mail_eu')
  const [row] = await sql<{ n: number }[]>`select count(*)::int n from outbound_recipient`
  await sql.end()
  return row?.n ?? -1
}

const newRole = (role: string, old: number) =>
  until(`new ${role}`, () => {
    const pid = instance.state().roles.find((one) => one.role === role)?.pid
    return (pid && pid !== old) || undefined
  })

beforeAll(async () => {
  far = createServer(talk)
  await new Promise<void>((ready) => far.listen(0, '127.0.0.1', ready))
  const { port } = far.address() as { port: number }
  dns = await emptyDns()
  settings = { MAILTIGHT_LIMITS: 'bench', MAILTIGHT_ROUTES: `${DOMAIN}=127.0.0.1:${port}`, DNS_SERVERS: dns.address }
  instance = await startInstance({ env: settings })
  const [first] = await makePeople(instance, { tenants: 1, perTenant: 1 })
  if (!first) throw new Error('Nobody was made.')
  person = first
}, 200_000)
afterAll(async () => {
  await instance?.stop()
  await dns?.close()
  far?.close()
}, 90_000)

describe('the worker that delivers', () => {
  it('killed between the far server’s 250 and its own record repeats that message once, under the same Message-ID, and loses none (R-14)', async () => {
    for (let shot = 0; shot < SHOTS; shot++) {
      const before = instance.pidOf('deliver')
      const killed = new Promise<void>((done, fail) => {
        manner = (socket, id) => {
          manner = accept
          // The kill comes first: a worker that read the answer before it died could have recorded it.
          killOne(instance, { role: 'deliver' }).then(() => {
            accept(socket, id)
            done()
          }, fail)
        }
      })
      await send()
      await killed
      await newRole('deliver', before)
      await becomeDue()
      await until('empty queue', async () => (await waiting()) === 0 || undefined)
    }
    expect(taken.size).toBe(SHOTS)
    expect([...taken.values()].filter((times) => times > 2)).toEqual([])
  }, 240_000)

  it('beside others, in three processes, delivers each message once (R-16)', async () => {
    const others = [anotherWorker(), anotherWorker()]
    const ended = Promise.all(others.map((one) => new Promise((done) => one.once('exit', done))))
    try {
      const known = new Set(taken.keys())
      // Answers of uneven speed, so that workers overtake each other.
      manner = (socket, id) => void setTimeout(() => accept(socket, id), (offered.size * 37) % 150)
      await send(SHARED)
      await until('empty queue', async () => (await waiting()) === 0 || undefined, 60_000)
      const fresh = [...taken].filter(([id]) => !known.has(id))
      expect(fresh.length).toBe(SHARED)
      expect(fresh.filter(([, times]) => times !== 1)).toEqual([])
      expect(others.map(({ exitCode }) => exitCode)).toEqual([null, null])
    } finally {
      manner = accept
      for (const one of others) one.kill('SIGTERM')
      await ended
    }
  }, 120_000)

  it('takes a message for undelivered when the connection ends before the answer, and delivers it once', async () => {
    const known = new Set(taken.keys())
    manner = (socket) => {
      manner = accept
      socket.destroy()
    }
    await send()
    await until('deferral', async () => {
      const sql = instance.superuser('main', 'mt_mail_eu')
      const rows = await sql`select 1 from outbound_recipient where last_code is not null`
      await sql.end()
      return rows.length > 0 || undefined
    })
    await becomeDue()
    await until('empty queue', async () => (await waiting()) === 0 || undefined)
    const [id, ...others] = [...taken.keys()].filter((one) => !known.has(one))
    expect(others).toEqual([])
    expect([taken.get(id ?? ''), offered.get(id ?? '')]).toEqual([1, 2])
  }, 120_000)
})
