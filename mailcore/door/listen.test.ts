import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { LIMITS } from '#lib/limits'
import { silentLog } from '#lib/log'
import { testCertificate } from '#tests/helpers/cert'
import { type Door, type DoorOptions, startDoor } from './listen'
import type { DoorSession, EndReason } from './session'
import { testClient } from './testing'

type Started = Awaited<ReturnType<typeof startDoor>>
let door: Started | undefined
afterEach(() => door?.stop())

const start = async (
  serve: (session: DoorSession, door: Door) => Promise<void>,
  more: Partial<DoorOptions> = {},
): Promise<{ clear: number; tls: number; door: Started }> => {
  door = await startDoor({
    name: 'test',
    bind: '127.0.0.1',
    ports: [
      { port: 0, mode: 'clear' },
      { port: 0, mode: 'tls' },
    ],
    tls: await testCertificate(),
    log: silentLog,
    limits: 'bench',
    silenceMs: 60_000,
    refused: 'full\r\n',
    serve,
    ...more,
  })
  return { clear: door.ports[0] ?? 0, tls: door.ports[1] ?? 0, door }
}

/** Answers each line with itself, and goes over to TLS on `tls`. */
const echo = async (session: DoorSession, on: Door): Promise<void> => {
  for (;;) {
    const line = await session.input.readLine(1_000)
    if (line === null) return
    session.output.text(`${line.toString('latin1')}\r\n`)
    if (line.toString() === 'tls') await on.startTls(session)
  }
}
const closedOf = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))
const settled = async (what: () => boolean) => {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('the life of a session', () => {
  it('ends its server too, when the door ends it while it waits for the client', async () => {
    let served = false
    const ended: EndReason[] = []
    const { clear, door } = await start(async (session) => {
      session.onEnd((reason) => {
        ended.push(reason)
        session.output.text('bye\r\n')
      })
      session.output.text('hello\r\n')
      await session.input.readLine(100)
      served = true
    })
    const client = await testClient(clear)
    expect(await client.line()).toBe('hello')
    await door.stop()
    expect(await client.line()).toBe('bye')
    expect(ended).toEqual(['stopping'])
    expect(served).toBe(true)
  })

  it('is over when a client that came by TLS or went over to it closes', async () => {
    const { clear, tls, door } = await start(echo)
    const upgraded = await testClient(clear)
    expect(await upgraded.ask('tls')).toBe('tls')
    await upgraded.startTls()
    expect(await upgraded.ask('hi')).toBe('hi')
    const direct = await testClient(tls, { tls: true })
    expect(await direct.ask('hi')).toBe('hi')
    expect(door.sessions()).toBe(2)
    upgraded.close()
    direct.close()
    await settled(() => door.sessions() === 0)
  })

  it('answers all that was said by a client that ended its side, however slowly', async () => {
    const { clear, tls, door } = await start(async (session) => {
      for (;;) {
        const line = await session.input.readLine(100)
        if (line === null) return
        await new Promise((resolve) => setTimeout(resolve, 5))
        session.output.text(`${line.toString()}\r\n`)
      }
    })
    for (const client of [await testClient(clear), await testClient(tls, { tls: true })]) {
      client.write('a\r\nb\r\nc\r\n')
      client.end()
      expect((await client.rest()).toString()).toBe('a\r\nb\r\nc\r\n')
    }
    await settled(() => door.sessions() === 0)
  })

  it('survives a broken handshake and one cut in the middle', async () => {
    const { clear, door } = await start(echo)
    for (const garbage of ['not a hello at all\r\n', '\x16\x03\x01\x02\x00', '']) {
      const client = await testClient(clear)
      expect(await client.ask('tls')).toBe('tls')
      client.write(garbage)
      if (garbage === '') client.end()
      else if (garbage.startsWith('\x16')) client.crash()
      await client.rest()
    }
    await settled(() => door.sessions() === 0)
    const client = await testClient(clear)
    expect(await client.ask('still')).toBe('still')
    client.close()
  })

  it('never takes clear text for what is said over TLS, in one packet or in two (S-04)', async () => {
    const heard: string[] = []
    const { clear } = await start(async (session, on) => {
      for (;;) {
        const line = await session.input.readLine(1_000)
        if (line === null) return
        if (session.secure) heard.push(line.toString())
        session.output.text('ok\r\n')
        if (line.toString() === 'tls') await on.startTls(session)
      }
    })
    const together = await testClient(clear)
    together.write('tls\r\ninjected\r\n')
    expect(await together.line()).toBe('ok')
    await together.startTls()
    expect(await together.ask('mine')).toBe('ok')
    expect(heard).toEqual(['mine'])
    const apart = await testClient(clear)
    apart.write('tls\r')
    await new Promise((resolve) => setTimeout(resolve, 10))
    apart.write('\ninjected\r\n')
    expect(await apart.line()).toBe('ok')
    await apart.startTls()
    expect(await apart.ask('mine')).toBe('ok')
    expect(heard).toEqual(['mine', 'mine'])
    together.close()
    apart.close()
  })
})

describe('stopping', () => {
  it('does not wait for a handshake that never comes', { timeout: 10_000 }, async () => {
    const { tls, door } = await start(echo)
    const silent = connect({ port: tls, host: '127.0.0.1' })
    const gone = closedOf(silent)
    silent.on('error', () => undefined)
    await new Promise<void>((resolve) => silent.once('connect', () => resolve()))
    await door.stop()
    await gone
  })
})

describe('one too many', () => {
  it('is told so and cut, whether or not he closes', async () => {
    const { clear, door } = await start(echo, { limits: 'normal' })
    const sockets: Socket[] = []
    for (let i = 0; i <= LIMITS.sessionsPerAddress; i++) {
      const socket = connect({ port: clear, host: '127.0.0.1', allowHalfOpen: true })
      socket.on('error', () => undefined)
      sockets.push(socket)
      await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
    }
    const last = sockets.at(-1)
    if (!last) throw new Error('no socket')
    const said = new Promise<string>((resolve) => last.once('data', (data) => resolve(data.toString())))
    expect(await said).toBe('full\r\n')
    // allowHalfOpen: this end never closes, so only the door can; writing shows that it did (RST).
    const cut = closedOf(last)
    const poke = setInterval(() => last.write('x\r\n'), 20)
    await cut
    clearInterval(poke)
    expect(door.sessions()).toBe(LIMITS.sessionsPerAddress)
    for (const socket of sockets) socket.destroy()
  })
})

describe('time', () => {
  it('may be limited in all, for who sends a byte now and then', async () => {
    let session: DoorSession | undefined
    const { clear } = await start(async (one) => {
      session = one
      one.allowSilence(60_000, 30_000)
      await echo(one, { startTls: async () => undefined })
    })
    const client = await testClient(clear)
    expect(await client.ask('a')).toBe('a')
    const latest = session?.deadlineMs ?? 0
    expect(latest).toBeLessThanOrEqual(Date.now() + 30_000)
    expect(await client.ask('b')).toBe('b')
    expect(session?.deadlineMs).toBe(latest)
    session?.allowSilence(60_000)
    expect(await client.ask('c')).toBe('c')
    expect(session?.deadlineMs).toBeGreaterThan(latest)
    client.close()
  })

  it('of a session that is closing is not given anew by what still comes', async () => {
    let session: DoorSession | undefined
    const { clear } = await start(async (one) => {
      session = one
      await one.input.readLine(100)
    })
    const client = await testClient(clear)
    client.write('x\r\n')
    await settled(() => (session?.deadlineMs ?? Number.POSITIVE_INFINITY) <= Date.now() + 5_000)
    const latest = session?.deadlineMs
    client.write('more\r\nmore\r\n')
    session?.allowSilence(60_000)
    expect(session?.deadlineMs).toBe(latest)
    client.close()
  })
})
