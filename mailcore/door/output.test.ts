import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { Output } from './output'
import { randomFrom } from './testing'

/** A socket whose other side takes something only when told to. */
function slowSocket() {
  const taken: Buffer[] = []
  let take: (() => void) | undefined
  const socket = new Writable({
    write(chunk: Buffer, _encoding, done) {
      taken.push(Buffer.from(chunk))
      take = done
    },
  })
  return { socket, taken, take: () => take?.() }
}

describe('what is written', () => {
  it('comes out in order and unchanged, text and bytes of all sizes', async () => {
    const seed = Date.now() >>> 0
    const random = randomFrom(seed)
    const out: Buffer[] = []
    const socket = new Writable({
      write(chunk: Buffer, _encoding, done) {
        setImmediate(() => {
          out.push(Buffer.from(chunk))
          done()
        })
      },
    })
    const output = new Output()
    output.attach(socket)
    const expected: Buffer[] = []
    for (let i = 0; i < 2_000; i++) {
      const size = Math.floor(random() ** 6 * 60_000)
      const data = Buffer.from(Array.from({ length: size }, () => Math.floor(random() * 256)))
      expected.push(Buffer.from(data))
      if (random() < 0.5) output.text(data.toString('latin1'))
      else output.bytes(data)
      if (random() < 0.1) output.push()
      if (random() < 0.05) output.rest()
      if (output.full) await output.flush()
    }
    output.push()
    await new Promise<void>((resolve) => socket.end(() => resolve()))
    if (!Buffer.concat(out).equals(Buffer.concat(expected))) throw new Error(`seed ${seed}: the stream differs`)
  })

  it('waits for a slow reader, and for one that has gone no longer', async () => {
    const { socket, taken, take } = slowSocket()
    const output = new Output()
    output.attach(socket)
    expect(output.open).toBe(true)
    output.bytes(Buffer.alloc(200_000))
    await output.flush()
    expect(output.full).toBe(false)
    output.bytes(Buffer.alloc(200_000))
    expect(output.full).toBe(true)
    let flushed = false
    const flushing = output.flush().then(() => {
      flushed = true
    })
    await new Promise<void>((resolve) => setImmediate(resolve))
    expect(flushed).toBe(false)
    take()
    await new Promise<void>((resolve) => setImmediate(resolve))
    take()
    await flushing
    expect(taken.reduce((sum, chunk) => sum + chunk.length, 0)).toBe(400_000)
    output.bytes(Buffer.alloc(300_000))
    const gone = output.flush()
    socket.destroy()
    await gone
    expect(output.open).toBe(false)
    output.text('to nobody')
    output.push()
  })
})
