import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pause } from '#lib/lifecycle'
import type { WhenDown } from '#lib/settings/mail'
import { createClamd } from '#mailcore/checks/clamd'
import { createRspamd } from '#mailcore/checks/rspamd'
import { inspected, mailFrom, setUp } from '#mailcore/checks/testing'
import { describeWith } from './programs'

/** The real rspamd and clamd, each with settings of its own and nothing of the machine's. */

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'scanners')
/** Modules that ask the network, or keep state elsewhere. */
const WITHOUT =
  'arc asn dkim dkim_signing dmarc fuzzy_check greylist hfilter history_redis mid mx_check neural once_received phishing ratelimit rbl replies spamassassin spf url_redirector whitelist'
const READY_MS = 60_000
const isRoot = process.getuid?.() === 0

const GTUBE = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'
// In two parts, so that no scanner takes this file itself for it.
const EICAR = Buffer.from('X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-'.concat('ANTIVIRUS-TEST-FILE!$H+H*'))

let home: string
let rspamdPort: number
let clamdPort: number
let rspamd: ChildProcess | undefined
let clamd: ChildProcess | undefined

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** As root the daemons take on users of their own, who need their directories. */
function give(path: string, user: string): void {
  if (!isRoot) return
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${user}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  if (!uid || !gid) throw new Error(`there is no user ${user}`)
  for (const name of ['', ...readdirSync(path, { recursive: true, encoding: 'utf8' })])
    chownSync(join(path, name), Number(uid), Number(gid))
}

function startRspamd(): ChildProcess {
  const dir = join(home, 'rspamd')
  for (const name of ['local/local.d', 'db', 'run', 'log']) mkdirSync(join(dir, name), { recursive: true })
  const file = (name: string, text: string) => writeFileSync(join(dir, 'local/local.d', name), text)
  for (const name of WITHOUT.split(' ')) file(`${name}.conf`, 'enabled = false;\n')
  for (const name of ['worker-fuzzy.inc', 'worker-proxy.inc', 'worker-controller.inc']) file(name, 'enabled = false;\n')
  file('worker-normal.inc', `bind_socket = "127.0.0.1:${rspamdPort}"; count = 1;\n`)
  file('actions.conf', 'reject = 15;\nadd_header = 6;\ngreylist = null;\n')
  file('logging.inc', `type = "file"; filename = "${dir}/log/rspamd.log"; level = "notice";\n`)
  // No name server of the machine is asked: the port is closed.
  file(
    'options.inc',
    'dns { nameserver = "master-slave:127.0.0.1:9"; timeout = 0.05s; retransmits = 1; }\nneighbours {}\n',
  )
  writeFileSync(join(dir, 'local/rspamd.conf.local'), '')
  give(dir, '_rspamd')
  const vars = { LOCAL_CONFDIR: 'local', DBDIR: 'db', RUNDIR: 'run', LOGDIR: 'log' }
  const args = Object.entries(vars).map(([name, path]) => `--var=${name}=${join(dir, path)}`)
  const user = isRoot ? ['-u', '_rspamd', '-g', '_rspamd'] : []
  return spawn('rspamd', [...user, '-f', '-c', '/etc/rspamd/rspamd.conf', ...args], { stdio: 'ignore' })
}

function startClamd(): ChildProcess {
  const dir = join(home, 'clamd')
  for (const name of ['db', 'tmp']) mkdirSync(join(dir, name), { recursive: true })
  copyFileSync(join(FIXTURES, 'mt.ndb'), join(dir, 'db/mt.ndb'))
  const own = [
    `LogFile ${dir}/clamd.log`,
    `DatabaseDirectory ${dir}/db`,
    `TemporaryDirectory ${dir}/tmp`,
    `TCPSocket ${clamdPort}`,
    'TCPAddr 127.0.0.1',
    ...(isRoot ? ['User clamav'] : []),
  ]
  writeFileSync(join(dir, 'clamd.conf'), `${readFileSync(join(FIXTURES, 'clamd.conf'), 'utf8')}${own.join('\n')}\n`)
  give(dir, 'clamav')
  return spawn('clamd', ['-c', join(dir, 'clamd.conf')], { stdio: 'ignore' })
}

async function until(ready: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + READY_MS
  for (;;) {
    try {
      await ready()
      return
    } catch (error) {
      if (Date.now() > deadline) throw error
      await pause(100)
    }
  }
}

async function kill(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await gone
  clearTimeout(late)
}

const scan = (message: Buffer, whenDown: WhenDown = 'defer') => {
  const checks = setUp({
    scanners: {
      rspamd: { url: `http://127.0.0.1:${rspamdPort}`, whenDown },
      clamd: { host: '127.0.0.1', port: clamdPort, whenDown },
    },
  })
  return checks.inspect(inspected(message)).finally(() => checks.close())
}
const scannerFindings = (findings: Awaited<ReturnType<typeof scan>>['findings']) =>
  findings
    .filter(({ check }) => check === 'rspamd' || check === 'clamd')
    .map(({ check, result }) => `${check} ${result}`)

const attachment = (encoding: string, body: string, type = 'application/octet-stream') =>
  Buffer.from(
    `From: Bob <bob@sender.test>\r\nTo: ann@here.test\r\nSubject: file\r\nMessage-ID: <2@sender.test>\r\nDate: ${new Date().toUTCString()}\r\nMIME-Version: 1.0\r\n` +
      `Content-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n\r\n` +
      `--b1\r\nContent-Type: ${type}; name=x.com\r\nContent-Disposition: attachment; filename=x.com\r\n${encoding}\r\n${body}\r\n--b1--\r\n`,
  )

const inBase64 = EICAR.toString('base64')
const quoted = EICAR.toString('latin1').replace(/[=X]/g, (c) => `=${c.charCodeAt(0).toString(16).toUpperCase()}`)
const HIDDEN: Record<string, Buffer> = {
  'in the text': mailFrom('bob@sender.test', `\r\n${EICAR.toString('latin1')}`),
  base64: attachment('Content-Transfer-Encoding: base64\r\n', inBase64),
  'base64 in lines of one': attachment('Content-Transfer-Encoding: base64\r\n', inBase64.replace(/(.{4})/g, '$1\r\n')),
  'quoted-printable': attachment('Content-Transfer-Encoding: quoted-printable\r\n', quoted),
  'base64 in another case': attachment('Content-Transfer-Encoding: BaSe64\r\n', inBase64),
  'two encodings, the first base64': attachment(
    'Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 8bit\r\n',
    inBase64,
  ),
  'a nested message': attachment(
    '',
    attachment('Content-Transfer-Encoding: base64\r\n', inBase64).toString(),
    'message/rfc822',
  ),
}

describeWith(['rspamd', 'clamd'], 'the real scanners', () => {
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'mt-scan-'))
    chmodSync(home, 0o755)
    rspamdPort = await freePort()
    clamdPort = await freePort()
    rspamd = startRspamd()
    clamd = startClamd()
    const question = {
      message: mailFrom('a@b.test'),
      address: '192.0.2.1',
      helo: 'x.test',
      sender: 'a@b.test',
      recipients: [],
      id: 'x',
    }
    const asked = createRspamd(`http://127.0.0.1:${rspamdPort}`)
    await Promise.all([
      until(() => asked.ask(question)),
      until(() => createClamd({ host: '127.0.0.1', port: clamdPort }).ask(mailFrom('a@b.test'))),
    ])
    asked.close()
  }, 2 * READY_MS)
  afterAll(async () => {
    await Promise.all([kill(rspamd), kill(clamd)])
    rmSync(home, { recursive: true, force: true })
  })

  it('find nothing in an honest letter', async () => {
    const verdict = await scan(mailFrom('Bob <bob@sender.test>', `Date: ${new Date().toUTCString()}\r\n`))
    expect(verdict).toMatchObject({ action: 'accept', into: new Map() })
    expect(scannerFindings(verdict.findings)).toEqual(['rspamd clean', 'clamd clean'])
    expect(verdict.fields).toMatch(/X-Spam-Status: No, score=-?[\d.]+\r\n/)
  })

  it('GTUBE is refused', async () => {
    const verdict = await scan(mailFrom('bob@sender.test', `\r\n${GTUBE}\r\n`))
    expect(verdict).toMatchObject({ action: 'refuse', reply: { code: 550, enhanced: '5.7.1' } })
    expect(scannerFindings(verdict.findings)).toEqual(['rspamd spam', 'clamd clean'])
  })

  for (const [name, message] of Object.entries(HIDDEN))
    it(`EICAR is refused: ${name}`, async () => {
      const verdict = await scan(message)
      expect(scannerFindings(verdict.findings)).toContain('clamd found')
      expect(verdict).toMatchObject({ action: 'refuse', reply: { code: 550, enhanced: '5.7.1' } })
    })

  it('EICAR is found at the end of a message of megabytes', async () => {
    const long = Buffer.concat([
      mailFrom('bob@sender.test'),
      Buffer.from(`${'y'.repeat(70)}\r\n`.repeat(60_000)),
      EICAR,
    ])
    expect(await createClamd({ host: '127.0.0.1', port: clamdPort }).ask(long)).toEqual({
      found: 'MT.Eicar-Test.UNOFFICIAL',
    })
  })

  it('each killed in the middle: nothing is lost and nothing passes for examined', async () => {
    const big = Buffer.concat([mailFrom('bob@sender.test'), Buffer.from(`${'z'.repeat(70)}\r\n`.repeat(200_000))])
    const under = scan(big, 'defer')
    await pause(5)
    clamd?.kill('SIGKILL')
    const met = await under
    // Its answer may have been on its way; anything else is put off.
    expect(['accept', 'defer']).toContain(met.action)
    if (met.action === 'accept') expect(scannerFindings(met.findings)).toContain('clamd clean')
    expect(await scan(mailFrom('bob@sender.test'), 'defer')).toMatchObject({
      action: 'defer',
      reply: { code: 451, enhanced: '4.7.1' },
    })
    const held = await scan(mailFrom('bob@sender.test'), 'accept')
    expect([held.action, ...held.into.values()]).toEqual(['accept', { folder: 'quarantine', cause: 'unscanned' }])
    await kill(rspamd)
    const marked = await scan(mailFrom('bob@sender.test'), 'accept')
    expect(marked.fields).toContain('X-Spam-Status: unscanned\r\n')
    expect(scannerFindings(marked.findings)).toEqual(['rspamd down', 'clamd down'])
  })
})
