import type { Writable } from 'node:stream'

/** Answers gathered before they are handed to the socket: one TLS record or four instead of hundreds. */
const STAGE_BYTES = 32 * 1024
/** Written and not yet taken by the client before we wait for it (R-10 f): bounds what a slow reader costs. */
const HIGH_WATER_BYTES = 256 * 1024

/** What is sent to a client. Text holds one character per byte (latin1); write UTF-8 as bytes. */
export class Output {
  #socket: Writable | undefined
  #stage: Buffer | undefined
  #used = 0
  #waiting: (() => void)[] = []

  attach(socket: Writable): void {
    this.#socket = socket
    const wake = () => {
      for (const resume of this.#waiting.splice(0)) resume()
    }
    socket.on('drain', wake)
    socket.on('close', wake)
    socket.on('error', wake)
  }

  detach(): void {
    this.#socket = undefined
  }

  get open(): boolean {
    return this.#socket?.writable === true
  }

  /** Adds text to what will be sent. */
  text(text: string): void {
    const stage = this.#room(text.length)
    if (stage) this.#used += stage.write(text, this.#used, 'latin1')
    else this.#send(Buffer.from(text, 'latin1'))
  }

  /** Adds bytes to what will be sent. They are copied unless they are many; then they must not change until sent. */
  bytes(data: Buffer): void {
    const stage = this.#room(data.length)
    if (stage) this.#used += data.copy(stage, this.#used)
    else this.#send(data)
  }

  /** The stage with room for so many bytes; undefined, with all before handed on, when they should go by themselves. */
  #room(bytes: number): Buffer | undefined {
    if (this.#stage && this.#used + bytes <= STAGE_BYTES) return this.#stage
    this.push()
    if (bytes > STAGE_BYTES / 2) return undefined
    this.#stage = Buffer.allocUnsafeSlow(STAGE_BYTES)
    return this.#stage
  }

  #send(data: Buffer): void {
    if (this.#socket?.writable) this.#socket.write(data)
  }

  /** Hands what was gathered to the socket. */
  push(): void {
    const stage = this.#stage
    if (!stage || this.#used === 0) return
    // A small answer is copied, so that an idle session holds no stage of its own.
    this.#send(
      this.#used < STAGE_BYTES / 4 ? Buffer.from(stage.subarray(0, this.#used)) : stage.subarray(0, this.#used),
    )
    if (this.#used >= STAGE_BYTES / 4) this.#stage = undefined
    this.#used = 0
  }

  /** Lets go of the stage: called when a session falls silent. */
  rest(): void {
    this.push()
    this.#stage = undefined
  }

  /** True when the client should take some first: then await `flush`. */
  get full(): boolean {
    return (this.#socket?.writableLength ?? 0) + this.#used > HIGH_WATER_BYTES
  }

  /** Sends all, and resolves once the client has taken most of it, or has gone. */
  async flush(): Promise<void> {
    this.push()
    while (this.#socket?.writable && this.#socket.writableLength > HIGH_WATER_BYTES) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
    }
  }
}
