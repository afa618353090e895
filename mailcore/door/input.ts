import type { Duplex } from 'node:stream'

/** Bytes kept before the socket is paused: a client that sends faster than we read waits in its own kernel. */
const HIGH_WATER_BYTES = 64 * 1024
/** What comes in pieces smaller than this is gathered in blocks: kept as it came, a byte by itself would cost hundreds. */
const SMALL_BYTES = 1_024
const BLOCK_BYTES = 4_096

/** The client sent more than this place allows. Whoever catches it answers and closes: what follows cannot be told apart from commands. */
export class TooLong extends Error {
  constructor() {
    super('line too long')
    this.name = 'TooLong'
  }
}

/**
 * What a client sends, pulled by whoever serves it: lines and counted bytes, in order, never more in memory than was asked for (M-04).
 * One reader at a time.
 */
export class Input {
  #socket: Duplex | undefined
  #chunks: Buffer[] = []
  #length = 0
  #ended = false
  #paused = false
  #wanted = 0
  #wake: (() => void) | undefined
  /** The block whose beginning is the last of the chunks, and how much of it is used. */
  #block: Buffer | undefined
  #blockUsed = 0
  #onActivity: () => void
  #onWait: () => void

  /**
   * `onActivity` is told of every arrival, for the door's watch over silent sessions; `onWait` is called before the reader waits for the
   * client, so that no client ever waits for an answer that lies gathered here.
   */
  constructor(onActivity: () => void = () => undefined, onWait: () => void = () => undefined) {
    this.#onActivity = onActivity
    this.#onWait = onWait
  }

  /** Reads from `socket` from now on. */
  attach(socket: Duplex): void {
    this.#socket = socket
    this.#ended = false
    this.#paused = false
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('close', this.#onEnd)
    socket.resume()
  }

  /**
   * Lets go of the socket, and forgets all that came over it and was not read: what stood before TLS never counts after it (S-04). Until another
   * is attached the client counts as gone, also for a reader that waits.
   */
  detach(): void {
    const socket = this.#socket
    if (!socket) return
    socket.off('data', this.#onData)
    socket.off('end', this.#onEnd)
    socket.off('close', this.#onEnd)
    this.#socket = undefined
    this.#chunks = []
    this.#block = undefined
    this.#length = 0
    this.#onEnd()
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#keep(chunk)
    this.#length += chunk.length
    this.#onActivity()
    if (this.#length > Math.max(HIGH_WATER_BYTES, this.#wanted) && !this.#paused) {
      this.#paused = true
      this.#socket?.pause()
    }
    this.#notify()
  }

  readonly #onEnd = (): void => {
    this.#ended = true
    this.#notify()
  }

  #keep(chunk: Buffer): void {
    const last = this.#chunks.at(-1)
    if (!last || chunk.length >= SMALL_BYTES) {
      this.#chunks.push(chunk)
      this.#block = undefined
      return
    }
    if (!this.#block || this.#blockUsed + chunk.length > BLOCK_BYTES) {
      this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES)
      this.#blockUsed = chunk.copy(this.#block)
      this.#chunks.push(this.#block.subarray(0, this.#blockUsed))
      return
    }
    chunk.copy(this.#block, this.#blockUsed)
    this.#blockUsed += chunk.length
    this.#chunks[this.#chunks.length - 1] = this.#block.subarray(
      this.#blockUsed - chunk.length - last.length,
      this.#blockUsed,
    )
  }

  #notify(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  /** Bytes that are here and were not read. */
  get pending(): number {
    return this.#length
  }

  get ended(): boolean {
    return this.#ended
  }

  async #more(): Promise<boolean> {
    if (this.#ended) return false
    this.#onWait()
    if (this.#paused) {
      this.#paused = false
      this.#socket?.resume()
    }
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    return true
  }

  /**
   * The next line without its CRLF (a bare LF ends it too); null when the client has gone. Throws TooLong when no line end comes within
   * `mostBytes`.
   */
  async readLine(mostBytes: number): Promise<Buffer | null> {
    let searched = 0
    for (;;) {
      const at = this.#indexOfLf(searched)
      if (at >= 0) {
        if (at > mostBytes) throw new TooLong()
        const line = this.#take(at + 1)
        return line.subarray(0, line[at - 1] === 13 ? at - 1 : at)
      }
      searched = this.#length
      if (searched > mostBytes) throw new TooLong()
      if (!(await this.#more())) return null
    }
  }

  /** Exactly `bytes` bytes, or null when the client has gone before. */
  async readBytes(bytes: number): Promise<Buffer | null> {
    this.#wanted = bytes
    try {
      while (this.#length < bytes) if (!(await this.#more())) return null
      return this.#take(bytes)
    } finally {
      this.#wanted = 0
    }
  }

  /** Reads `bytes` bytes and forgets them; false when the client has gone before. */
  async skip(bytes: number): Promise<boolean> {
    let left = bytes
    while (left > 0) {
      if (this.#length === 0 && !(await this.#more())) return false
      left -= this.#take(Math.min(left, this.#length)).length
    }
    return true
  }

  #indexOfLf(from: number): number {
    let base = 0
    for (const chunk of this.#chunks) {
      const end = base + chunk.length
      if (end > from) {
        const at = chunk.indexOf(10, Math.max(0, from - base))
        if (at >= 0) return base + at
      }
      base = end
    }
    return -1
  }

  #take(bytes: number): Buffer {
    const first = this.#chunks[0]
    this.#length -= bytes
    // What was taken is the reader's: nothing is written beside it any more once the last chunk may be gone.
    if (this.#length === 0) this.#block = undefined
    if (first && first.length >= bytes) {
      if (first.length === bytes) this.#chunks.shift()
      else this.#chunks[0] = first.subarray(bytes)
      return first.subarray(0, bytes)
    }
    const all = Buffer.concat(this.#chunks)
    this.#chunks = all.length > bytes ? [all.subarray(bytes)] : []
    this.#block = undefined
    return all.subarray(0, bytes)
  }
}
