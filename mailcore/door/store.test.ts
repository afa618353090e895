import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { silentLog } from '#lib/log'
import { startManageSieveWith } from '#mailcore/managesieve/door'
import { base64, language, literal } from '#mailcore/managesieve/testing'
import { startPop3 } from '#mailcore/pop3/index'
import { testCertificate } from '#tests/helpers/cert'
import { createWorld, type TestAccount, type World } from '#tests/helpers/world'
import { type TestClient, testClient } from './testing'

let world: World
let account: TestAccount
let stop: () => Promise<void> = async () => undefined
beforeAll(async () => {
  world = await createWorld()
  const { tenant, domain } = await world.makeHouse()
  account = await world.makeAccount(tenant, { address: `ann@${domain}`, name: 'Ann' })
})
afterEach(() => stop())
afterAll(() => world.close())

const common = async () => ({
  bind: '127.0.0.1',
  tls: await testCertificate(),
  directory: world.core.directory,
  stores: world.core.stores,
  log: silentLog,
  hostname: 'mail.test',
  limits: 'bench' as const,
})

/** A new server each time, as after a restart. */
async function pop3(): Promise<TestClient> {
  await stop()
  const server = await startPop3({ ...(await common()), ports: { clear: 0, tls: 0 } })
  stop = () => server.stop()
  const client = await testClient(server.ports.tls, { tls: true })
  await client.line()
  await client.ask(`USER ${account.address}`)
  expect(await client.ask(`PASS ${account.password}`)).toMatch(/^\+OK/)
  return client
}

describe('POP3 over the real store', () => {
  it('reads bytes as they are, keeps its ids over a restart, and deletes at QUIT what can be brought back', async () => {
    const bodies = ['A: 1\r\n\r\n.\r\n..\r\nx', 'A: 2\r\n\r\nbare\nlf\n.x\0\r\n', 'A: 3\r\n\r\nthree\r\n']
    const store = await world.core.open(account)
    for (const body of bodies)
      await store.append('INBOX', { raw: Buffer.from(body), flags: [], receivedAt: new Date() })
    const first = await pop3()
    first.write('UIDL\r\n')
    const ids = (await first.until('\r\n.\r\n')).toString()
    expect(await first.ask('STAT')).toBe(`+OK 3 ${bodies.join('').length}`)
    first.write('RETR 1\r\nRETR 2\r\n')
    expect((await first.until('\r\n.\r\n')).toString()).toBe('+OK 16 octets\r\nA: 1\r\n\r\n..\r\n...\r\nx\r\n.\r\n')
    expect((await first.until('\r\n.\r\n')).toString()).toBe(`+OK ${bodies[1]?.length} octets\r\n${bodies[1]}.\r\n`)
    await first.ask('DELE 1')
    first.crash()

    const second = await pop3()
    second.write('UIDL\r\n')
    expect((await second.until('\r\n.\r\n')).toString()).toBe(ids)
    const inbox = await store.folder('INBOX')
    const gone = (await store.view(inbox.id)).uids[2]
    await store.remove(inbox.id, [gone ?? 0])
    expect(await second.ask('RETR 3')).toMatch(/^-ERR This message/)
    await second.ask('DELE 1')
    await second.ask('DELE 3')
    expect(await second.ask('QUIT')).toMatch(/^\+OK 2 messages deleted/)
    expect((await store.view(inbox.id)).uids).toHaveLength(1)
    expect(await store.recoverable({ limit: 10 })).toHaveLength(2)

    const third = await pop3()
    third.write('UIDL\r\n')
    expect((await third.until('\r\n.\r\n')).toString()).toContain(`\r\n1 ${/^2 (\S+)/m.exec(ids)?.[1]}\r\n.`)
    third.close()
    store.close()
  })
})

describe('ManageSieve over the real store', () => {
  it('keeps scripts', async () => {
    const server = await startManageSieveWith(language, { ...(await common()), port: 0 })
    stop = () => server.stop()
    const client = await testClient(server.port)
    await client.until('ready"\r\n')
    await client.ask('STARTTLS')
    await client.startTls()
    await client.until('ready"\r\n')
    const plain = base64(`\0${account.address}\0${account.password}`)
    expect(await client.ask(`AUTHENTICATE "PLAIN" "${plain}"`)).toBe('OK "Welcome"')
    expect(await client.ask(`PUTSCRIPT "a" ${literal('keep;\r\n')}`)).toBe('OK "Stored"')
    expect(await client.ask('PUTSCRIPT "b" "keep;"')).toBe('OK "Stored"')
    expect(await client.ask('RENAMESCRIPT "a" "b"')).toMatch(/^NO \(ALREADYEXISTS\)/)
    expect(await client.ask('RENAMESCRIPT "a" "c"')).toMatch(/^OK/)
    expect(await client.ask('SETACTIVE "x"')).toMatch(/^NO \(NONEXISTENT\)/)
    expect(await client.ask('SETACTIVE "c"')).toMatch(/^OK/)
    expect(await client.ask('DELETESCRIPT "c"')).toMatch(/^NO \(ACTIVE\)/)
    client.write('GETSCRIPT "c"\r\nLISTSCRIPTS\r\n')
    expect((await client.until('"2 scripts"\r\n')).toString()).toBe(
      '{7}\r\nkeep;\r\n\r\nOK "That is it"\r\n"b"\r\n"c" ACTIVE\r\nOK "2 scripts"\r\n',
    )
    expect(await client.ask('SETACTIVE ""')).toMatch(/^OK/)
    for (const name of ['b', 'c']) expect(await client.ask(`DELETESCRIPT "${name}"`)).toMatch(/^OK/)
    expect(await client.ask('GETSCRIPT "c"')).toMatch(/^NO \(NONEXISTENT\)/)
    client.close()
  })
})
