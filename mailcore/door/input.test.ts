import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Input, TooLong } from './input'
import { randomFrom } from './testing'

const soon = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('lines and bytes as they were sent', () => {
  it('whatever the pieces they come in', async () => {
    const seed = Date.now() >>> 0
    const random = randomFrom(seed)
    for (let round = 0; round < 60; round++) {
      const records: (string | Buffer)[] = []
      const sent: Buffer[] = []
      for (let i = 0; i < 200; i++) {
        const size = Math.floor(random() ** 4 * 9_000)
        const data = Buffer.from(Array.from({ length: size }, () => 32 + Math.floor(random() * 90)))
        if (random() < 0.5) records.push(data.toString('latin1'))
        else records.push(data)
        sent.push(typeof records.at(-1) === 'string' ? Buffer.concat([data, Buffer.from('\r\n')]) : data)
      }
      const all = Buffer.concat(sent)
      const socket = new PassThrough({ highWaterMark: 1 << 20 })
      const input = new Input()
      input.attach(socket)
      let at = 0
      const feed = async () => {
        while (at < all.length) {
          const size = random() < 0.9 ? 1 + Math.floor(random() * 60) : Math.floor(random() * 20_000)
          socket.write(Buffer.from(all.subarray(at, at + size)))
          at += size
          if (random() < 0.2) await soon()
        }
        socket.end()
      }
      const feeding = feed()
      for (const record of records) {
        const got = typeof record === 'string' ? await input.readLine(10_000) : await input.readBytes(record.length)
        if (!got?.equals(Buffer.from(record))) throw new Error(`seed ${seed}: a record differs`)
      }
      expect(await input.readLine(10)).toBeNull()
      await feeding
    }
  })

  it('throws TooLong, once the line is longer or can only become so', async () => {
    for (const text of ['x'.repeat(12), `${'x'.repeat(12)}\r\n`]) {
      const socket = new PassThrough()
      const input = new Input()
      input.attach(socket)
      socket.write(text)
      await expect(input.readLine(10)).rejects.toBeInstanceOf(TooLong)
    }
  })
})

describe('a reader that waits', () => {
  it('is told that the client has gone when the session lets go of the socket', async () => {
    const input = new Input()
    input.attach(new PassThrough())
    const line = input.readLine(100)
    const bytes = line.then(() => input.readBytes(3))
    input.detach()
    expect(await line).toBeNull()
    expect(await bytes).toBeNull()
    expect(await input.skip(3)).toBe(false)
  })

  it('has what was gathered sent before it waits, and not when it need not wait', async () => {
    let waits = 0
    const input = new Input(
      () => undefined,
      () => waits++,
    )
    const socket = new PassThrough()
    input.attach(socket)
    socket.write('one\r\ntwo\r\nthr')
    await soon()
    await input.readLine(100)
    await input.readLine(100)
    expect(waits).toBe(0)
    const third = input.readLine(100)
    expect(waits).toBe(1)
    socket.write('ee\r\n')
    expect((await third)?.toString()).toBe('three')
  })

  it('keeps nothing of before for the socket that is attached next (S-04)', async () => {
    const input = new Input()
    const [clear, secure] = [new PassThrough(), new PassThrough()]
    input.attach(clear)
    clear.write('STLS\r\nUSER eve\r\n')
    expect((await input.readLine(100))?.toString()).toBe('STLS')
    expect(input.pending).toBe(10)
    input.detach()
    input.attach(secure)
    clear.write('PASS eve\r\n')
    secure.write('CAPA\r\n')
    expect((await input.readLine(100))?.toString()).toBe('CAPA')
    expect(input.pending).toBe(0)
  })
})

it('a byte at a time costs blocks, not an object a byte (M-04)', async () => {
  const socket = new PassThrough({ highWaterMark: 1 << 20 })
  const input = new Input()
  input.attach(socket)
  const kept = new Set<ArrayBufferLike>()
  for (let i = 0; i < 20_000; i++) {
    socket.write(Buffer.alloc(1, 97 + (i % 26)))
    await Promise.resolve()
  }
  await soon()
  expect(input.pending).toBe(20_000)
  for (let i = 0; i < 20_000; i++) kept.add((await input.readBytes(1))?.buffer ?? new ArrayBuffer(0))
  expect(kept.size).toBeLessThan(10)
})
