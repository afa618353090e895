import { connect } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { LineClient, startTestDoor, type TestDoor } from './testing'

let test: TestDoor
let folder = ''
let made = 0
beforeAll(async () => {
  test = await startTestDoor()
})
afterAll(async () => {
  await test.stop()
})
beforeEach(async () => {
  folder = `box${++made}`
  const store = await test.world.core.stores.open(test.account)
  await store.createFolder(folder)
  store.close()
})

const simple = (n: number) => `From: a@b.test\r\nSubject: number ${n}\r\n\r\nbody ${n}\r\n`
const open = async (select = true, port = test.port) => {
  const client = await LineClient.open(port, test.account)
  if (select) await client.run(`SELECT ${folder}`)
  return client
}

describe('sign-in', () => {
  it('says why it refuses, and lets no one guess on one connection', async () => {
    const client = await LineClient.open(test.port)
    expect(await client.run(`LOGIN ${test.account.address} wrong`)).toMatch(/ NO \[AUTHENTICATIONFAILED\]/)
    expect(await client.run('LOGIN nobody@else.test wrong')).toMatch(/ NO \[AUTHENTICATIONFAILED\]/)
    const last = await client.run('LOGIN NIL NIL')
    expect(last).toMatch(/ NO \[AUTHENTICATIONFAILED\]/)
    expect(await client.until(/never/)).toContain('* BYE Too many failed attempts')
    expect(client.closed).toBe(true)
  })

  it('takes PLAIN at once and step by step, LOGIN, and a cancel', async () => {
    const { address, password } = test.account
    const token = Buffer.from(`\0${address}\0${password}`).toString('base64')
    const first = await LineClient.open(test.port)
    expect(await first.run(`AUTHENTICATE PLAIN ${token}`)).toMatch(/ OK \[CAPABILITY /)
    expect(await first.run('UNAUTHENTICATE')).toMatch(/ OK /)
    expect(await first.run('LIST "" *')).toMatch(/ BAD /)
    first.send('x AUTHENTICATE LOGIN\r\n')
    await first.until(/\+ VXNlcm5hbWU6\r\n/)
    first.send(`${Buffer.from(address).toString('base64')}\r\n`)
    await first.until(/\+ UGFzc3dvcmQ6\r\n/)
    first.send(`${Buffer.from(password).toString('base64')}\r\n`)
    expect(await first.until(/x [^\r]*\r\n/)).toMatch(/x OK /)
    await first.run('UNAUTHENTICATE')
    first.send('y AUTHENTICATE PLAIN\r\n')
    await first.until(/\+ \r\n/)
    first.send('*\r\n')
    expect(await first.until(/y [^\r]*\r\n/)).toMatch(/y BAD /)
    const other = Buffer.from(`x@y.test\0${address}\0${password}`).toString('base64')
    expect(await first.run(`AUTHENTICATE PLAIN ${other}`)).toMatch(/ NO \[AUTHORIZATIONFAILED\]/)
    first.end()
  })

  it('refuses passwords in the clear, and forgets what stood before TLS', async () => {
    const plain = connect(test.clearPort, '127.0.0.1')
    plain.setEncoding('latin1')
    let seen = ''
    plain.on('data', (data: string) => {
      seen += data
    })
    await expect.poll(() => seen).toMatch(/STARTTLS LOGINDISABLED/)
    plain.write('a LOGIN x y\r\n')
    await expect.poll(() => seen).toMatch(/a NO \[PRIVACYREQUIRED\]/)
    plain.write('b STARTTLS\r\nx9 LOGIN attacker {13}\r\n')
    await expect.poll(() => seen).toMatch(/b OK/)
    plain.removeAllListeners('data')
    const tls = tlsConnect({ socket: plain, rejectUnauthorized: false })
    let inside = ''
    tls.setEncoding('latin1').on('data', (data: string) => {
      inside += data
    })
    tls.write('A1 CAPABILITY\r\n')
    await expect.poll(() => inside).toMatch(/A1 OK/)
    expect(inside).not.toContain('x9')
    expect(inside).toContain('AUTH=PLAIN')
    tls.destroy()
  })
})

describe('changes', () => {
  it('changes nothing for empty sets (I-E1)', async () => {
    const client = await open()
    for (const command of ['UID EXPUNGE 5', 'UID COPY 5 Sent', 'UID MOVE 5 Sent', 'UID STORE 5 +FLAGS (\\Deleted)']) {
      const answer = await client.run(command)
      expect(answer, command).toMatch(/^t\d+ OK /)
      expect(answer).not.toContain('COPYUID')
    }
    expect(await client.run('STORE 1 +FLAGS (\\Seen)')).toMatch(/ BAD /)
    expect(await client.run('STORE 0 +FLAGS (\\Seen)')).toMatch(/ BAD /)
    client.end()
  })

  it('tells another session in IDLE and on another process, and NOOP is current', async () => {
    const actor = await open()
    await actor.append(folder, simple(1))
    const port = await test.secondDoor()
    const watcher = await open(true, port)
    watcher.send('i IDLE\r\n')
    await watcher.until(/\+ idling\r\n/)
    const exists = watcher.until(/\* 2 EXISTS\r\n/)
    await actor.append(folder, simple(2))
    expect(await exists).toContain('* 2 EXISTS')
    const flags = watcher.until(/FETCH[^\r]*\r\n/)
    await actor.run('STORE 1 +FLAGS.SILENT (\\Flagged)')
    expect(await flags).toMatch(/\* 1 FETCH \(FLAGS \(\\Flagged\)\)/)
    const gone = watcher.until(/\* 1 EXPUNGE\r\n/)
    await actor.run('STORE 1 +FLAGS.SILENT (\\Deleted)')
    expect(await actor.run('EXPUNGE')).toContain('* 1 EXPUNGE\r\n')
    await gone
    watcher.send('DONE\r\n')
    await watcher.until(/i OK/)
    await actor.append(folder, simple(3))
    expect(await watcher.run('NOOP')).toContain('* 2 EXISTS')
    for (const client of [watcher, actor]) client.end()
  })

  it('does not renumber under STORE, and says what is gone', async () => {
    const one = await open()
    for (const n of [1, 2, 3]) await one.append(folder, simple(n))
    await one.run('NOOP')
    const two = await open()
    await two.run('UID STORE 2 +FLAGS.SILENT (\\Deleted)')
    await two.run('EXPUNGE')
    expect(await one.run('STORE 3 +FLAGS (\\Flagged)')).toMatch(/^\* 3 FETCH \(FLAGS \(\\Flagged\)\)\r\nt\d+ OK/)
    expect(await one.run('STORE 2 +FLAGS (\\Flagged)')).toMatch(/^t\d+ NO \[EXPUNGEISSUED\]/)
    expect(await one.run('NOOP')).toMatch(/^\* 2 EXPUNGE\r\nt\d+ OK/)
    for (const client of [one, two]) client.end()
  })

  it('refuses stale conditional stores with MODIFIED', async () => {
    const client = await open()
    await client.append(folder, simple(1))
    await client.append(folder, simple(2))
    const modseq = /HIGHESTMODSEQ (\d+)/.exec(await client.run(`SELECT ${folder} (CONDSTORE)`))?.[1]
    await client.run('STORE 1 +FLAGS (\\Flagged)')
    const answer = await client.run(`UID STORE 1:2 (UNCHANGEDSINCE ${modseq}) +FLAGS.SILENT (\\Answered)`)
    expect(answer).toMatch(/ OK \[MODIFIED 1\]/)
    expect(answer).toMatch(/\* 2 FETCH \(UID 2 MODSEQ \(\d+\)\)/)
    client.end()
  })

  it('copies and moves with true uids, and asks for the target to be created', async () => {
    const client = await open()
    for (const n of [1, 2, 3]) await client.append(folder, simple(n), '(\\Seen $Work)')
    await client.run('NOOP')
    expect(await client.run('COPY 1,3 nowhere')).toMatch(/ NO \[TRYCREATE\]/)
    await client.run(`CREATE ${folder}/sub`)
    expect(await client.run(`COPY 1,3 ${folder}/sub`)).toMatch(/ OK \[COPYUID \d+ 1,3 1:2\]/)
    const moved = await client.run(`UID MOVE 2 ${folder}/sub`)
    expect(moved).toMatch(/^\* OK \[COPYUID \d+ 2 3\][^\r]*\r\n\* 2 EXPUNGE\r\nt\d+ OK/)
    client.end()
  })
})

describe('QRESYNC', () => {
  it('brings a client that was away up to date', async () => {
    const client = await open()
    for (const n of [1, 2, 3, 4]) await client.append(folder, simple(n))
    const selected = await client.run(`SELECT ${folder}`)
    const modseq = /HIGHESTMODSEQ (\d+)/.exec(selected)?.[1]
    const validity = /UIDVALIDITY (\d+)/.exec(selected)?.[1]
    await client.run('STORE 2 +FLAGS (\\Deleted)')
    await client.run('EXPUNGE')
    await client.run('STORE 1 +FLAGS (\\Flagged)')
    const back = await open(false)
    expect(await back.run(`SELECT ${folder} (QRESYNC (${validity} ${modseq}))`)).toMatch(/ BAD /)
    await back.run('ENABLE QRESYNC')
    const answer = await back.run(`SELECT ${folder} (QRESYNC (${validity} ${modseq} 1:4))`)
    expect(answer).toContain('* VANISHED (EARLIER) 2\r\n')
    expect(answer).toMatch(/\* 1 FETCH \(UID 1 FLAGS \(\\Flagged\) MODSEQ \(\d+\)\)/)
    const other = back.until(/VANISHED 4\r\n/)
    back.send('i IDLE\r\n')
    await client.run('UID STORE 4 +FLAGS.SILENT (\\Deleted)')
    await client.run('UID EXPUNGE 4')
    expect(await other).toContain('* VANISHED 4')
    for (const one of [client, back]) one.end()
  })
})
