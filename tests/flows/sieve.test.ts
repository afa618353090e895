import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '#lib/clock'
import { type Running, stopAll } from '#lib/lifecycle'
import { silentLog } from '#lib/log'
import { startFilter } from '#mailcore/filter/worker'
import { startManageSieve } from '#mailcore/managesieve/index'
import { compileScript, runScript } from '#mailcore/sieve/index'
import { startMx } from '#mailcore/smtp/mx'
import { createDelivery } from '#mailcore/store/delivery'
import { createIntakeFeed } from '#mailcore/store/intake-feed'
import { testCertificate } from '#tests/helpers/cert'
import { fakeChecks } from '#tests/helpers/fakes'
import { smtpClient } from '#tests/helpers/smtp-client'
import { createWorld, type TestAccount, type World } from '#tests/helpers/world'

let world: World
let account: TestAccount
let running: Running
const ports = { mx: 0, sieve: 0 }

beforeAll(async () => {
  world = await createWorld()
  const house = await world.makeHouse()
  account = await world.makeAccount(house.tenant, { address: `ann@${house.domain}` })
  const tls = await testCertificate()
  const { directory, stores, queue } = world.core
  const common = { directory, stores, tls, log: silentLog, hostname: 'mail.test' }
  const delivery = createDelivery({ db: world.db, log: silentLog })
  const mx = await startMx({
    ...common,
    host: '127.0.0.1',
    port: 0,
    delivery,
    queue,
    checks: fakeChecks(),
    lookupKey: world.lookupKey,
    clock: systemClock,
    limits: 'bench',
  })
  const sieve = await startManageSieve({ ...common, bind: '127.0.0.1', port: 0, limits: 'bench' })
  const filter = await startFilter({
    ...common,
    feed: createIntakeFeed(world.db),
    queue,
    sieve: { compile: compileScript, run: runScript },
    srsKey: world.lookupKey,
    clock: systemClock,
    concurrency: 2,
  })
  ports.mx = mx.port
  ports.sieve = sieve.port
  running = stopAll([mx, sieve, filter])
})
afterAll(async () => {
  await running.stop()
  await world.close()
})

/** Speaks ManageSieve: sends lines, and reads up to the next OK, NO or BYE. */
async function manage(commands: readonly string[]): Promise<string[]> {
  const plain = connectPlain(ports.sieve, '127.0.0.1')
  await answerOf(plain)
  plain.write('STARTTLS\r\n')
  await answerOf(plain)
  const socket = connectTls({ socket: plain, rejectUnauthorized: false })
  await answerOf(socket)
  const answers: string[] = []
  const login = Buffer.from(`\0${account.address}\0${account.password}`).toString('base64')
  for (const command of [`AUTHENTICATE "PLAIN" "${login}"`, ...commands, 'LOGOUT']) {
    socket.write(`${command}\r\n`)
    answers.push(await answerOf(socket))
  }
  socket.destroy()
  return answers
}

const answerOf = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    let seen = ''
    const take = (data: Buffer) => {
      seen += data.toString('latin1')
      if (!/(^|\r\n)(OK|NO|BYE)[^\r]*\r\n$/.test(seen)) return
      socket.off('data', take)
      resolve(seen)
    }
    socket.on('data', take)
  })

const put = (name: string, script: string) => `PUTSCRIPT "${name}" {${Buffer.byteLength(script)}+}\r\n${script}`

async function mail(subject: string, sender = 'friend@stranger.example'): Promise<void> {
  const client = await smtpClient(ports.mx)
  await client.command('EHLO stranger.example')
  expect(await client.command(`MAIL FROM:<${sender}>`)).toMatch(/^250/)
  expect(await client.command(`RCPT TO:<${account.address}>`)).toMatch(/^250/)
  await client.command('DATA')
  const head = `From: <${sender}>\r\nTo: <${account.address}>\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@x>\r\n`
  expect(await client.command(`${head}\r\nHello\r\n.`)).toMatch(/^250/)
  client.close()
}

/** Subjects and flags in a folder. */
async function filed(path: string): Promise<string[]> {
  const store = await world.core.open(account)
  try {
    const folder = await store.folder(path)
    const { messages } = await store.list(folder.id)
    const found: string[] = []
    for await (const message of store.fetch(
      folder.id,
      messages.map((m) => m.uid),
      { body: true },
    ))
      found.push(`${/^Subject: (.*)$/m.exec(message.raw?.toString() ?? '')?.[1]} ${message.flags.join(' ')}`.trim())
    return found
  } catch {
    return []
  } finally {
    store.close()
  }
}

describe('a script, from the program that wrote it to the folder it chose', () => {
  it('is checked, kept, run over what comes in, and changed while mail flows', async () => {
    const script = [
      'require ["fileinto", "mailbox", "imap4flags", "envelope", "variables"];',
      'if envelope :domain "from" "lists.example" { set "box" "Lists"; fileinto :create :flags "\\\\Seen" "${box}/Made"; stop; }',
      'if header :contains "subject" "nonsense" { discard; }',
    ].join('\r\n')
    const answers = await manage([
      put('broken', 'fileinto "x";'),
      put('mine', script),
      'SETACTIVE "mine"',
      'LISTSCRIPTS',
    ])
    expect(answers[1]).toMatch(/^NO /)
    expect(answers[2]).toMatch(/^OK/)
    expect(answers[4]).toContain('"mine" ACTIVE')
    await mail('one', 'news@lists.example')
    await mail('nonsense')
    await mail('two')
    await expect.poll(() => filed('Lists/Made')).toEqual(['one \\Seen'])
    await expect.poll(() => filed('INBOX')).toEqual(['two'])
    await manage(['SETACTIVE ""'])
    await mail('three', 'news@lists.example')
    await expect.poll(() => filed('INBOX')).toEqual(['two', 'three'])
    expect(await filed('Lists/Made')).toHaveLength(1)
  }, 30_000)
})
