import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'
import { Input } from './input'
import { Output } from './output'

/** Why a session must end although its client did not ask: said in BYE, or its like. */
export type EndReason = 'stopping' | 'idle' | 'slow' | 'suspended' | 'password' | 'terminated'

/** One client at a door, from its first byte to its last. */
export class DoorSession {
  /** For logs: random, and nothing of the client. */
  readonly id = randomBytes(9).toString('base64url')
  readonly peer: string
  readonly input: Input
  readonly output = new Output()
  secure: boolean
  /** ms since 1970 after which the door ends it unless something comes; the protocol sets how long it may be silent. */
  deadlineMs: number
  #silenceMs: number
  #latestMs = Number.POSITIVE_INFINITY
  #socket: Socket
  #onEnd: ((reason: EndReason) => void) | undefined
  #endReason: EndReason | undefined
  /** Resolves once the connection is gone. */
  readonly closed: Promise<void>
  #closed = false
  #closing = false

  constructor(socket: Socket, options: { peer: string; secure: boolean; silenceMs: number }) {
    this.#socket = socket
    this.peer = options.peer
    this.secure = options.secure
    this.#silenceMs = options.silenceMs
    this.deadlineMs = Date.now() + options.silenceMs
    this.input = new Input(
      () => {
        if (!this.#closing) this.deadlineMs = Math.min(Date.now() + this.#silenceMs, this.#latestMs)
      },
      () => this.output.push(),
    )
    this.#adopt(socket)
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#closed = true
        resolve()
      })
    })
  }

  #adopt(socket: Socket): void {
    socket.on('error', () => socket.destroy())
    this.input.attach(socket)
    this.output.attach(socket)
  }

  get isClosed(): boolean {
    return this.#closed || this.#socket.destroyed
  }

  /** Bytes the client has taken so far: progress of a slow reader. */
  get bytesWritten(): number {
    return this.#socket.bytesWritten
  }

  /**
   * How long the client may be silent from now on; with `totalMs`, also how long it may take in all, for a client that sends a byte now and then
   * is never silent (R-10 b).
   */
  allowSilence(silenceMs: number, totalMs: number = Number.POSITIVE_INFINITY): void {
    if (this.#closing) return
    this.#silenceMs = silenceMs
    this.#latestMs = Date.now() + totalMs
    this.deadlineMs = Math.min(Date.now() + silenceMs, this.#latestMs)
  }

  /**
   * Goes over to TLS on the same connection. All that came in the clear and was not read is forgotten, so that nothing an attacker
   * put before the handshake is taken for the client's words after it (RFC 9051 6.2.1; S-04). Rejects when the handshake fails.
   */
  async startTls(context: SecureContext, handshakeMs: number): Promise<void> {
    this.output.push()
    const raw = this.#socket
    this.input.detach()
    this.output.detach()
    const tls = new TLSSocket(raw, { isServer: true, secureContext: context })
    this.#socket = tls
    // At no moment without someone who hears an error: one that nobody hears ends the process.
    tls.on('error', () => tls.destroy())
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => fail(), handshakeMs)
      const fail = () => {
        clearTimeout(late)
        raw.destroy()
        reject(new Error('handshake failed'))
      }
      tls.once('error', fail)
      tls.once('end', fail)
      tls.once('close', fail)
      tls.once('secure', () => {
        clearTimeout(late)
        tls.off('error', fail)
        tls.off('end', fail)
        tls.off('close', fail)
        resolve()
      })
    })
    this.secure = true
    this.#adopt(tls)
  }

  /** The protocol's way of saying goodbye when the door, the directory or the clock ends the session; called at most once. */
  onEnd(listener: (reason: EndReason) => void): void {
    this.#onEnd = listener
    if (this.#endReason) listener(this.#endReason)
  }

  /** Ends the session: the protocol says goodbye, then the connection closes. */
  end(reason: EndReason): void {
    if (this.#endReason || this.isClosed) return
    this.#endReason = reason
    this.#onEnd?.(reason)
    this.close()
  }

  get ending(): EndReason | undefined {
    return this.#endReason
  }

  /** Sends what was written and closes. */
  close(): void {
    this.#closing = true
    this.output.push()
    if (!this.#socket.destroyed) this.#socket.end()
    this.input.detach()
    // Half-closed by us: what still comes is read and forgotten, and the watch of the door cuts who never closes.
    this.#socket.resume()
    this.deadlineMs = Math.min(this.deadlineMs, Date.now() + 5_000)
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
